#include "base/sha256.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 64, LENGTH_AT = BLOCK - 8 };

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
static const uint32_t constants[64] = {0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7,
	0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
	0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c,
	0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static uint32_t rotate(uint32_t word, int bits)
{
	return word >> bits | word << (32 - bits);
}

static uint32_t load(const unsigned char *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void store(unsigned char *at, uint32_t word)
{
	for (int i = 0; i < 4; i++)
		at[i] = (unsigned char)(word >> (24 - 8 * i));
}

static void expand(uint32_t schedule[64], const unsigned char *block)
{
	for (int i = 0; i < 16; i++)
		schedule[i] = load(block + 4 * i);
	for (int i = 16; i < 64; i++) {
		uint32_t a = schedule[i - 15], b = schedule[i - 2];
		schedule[i] = schedule[i - 16] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) + schedule[i - 7] +
			      (rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
}

static void compress(uint32_t state[8], const unsigned char *block)
{
	uint32_t schedule[64], s[8];
	expand(schedule, block);
	memcpy(s, state, sizeof s);
	for (int i = 0; i < 64; i++) {
		uint32_t first = s[7] + (rotate(s[4], 6) ^ rotate(s[4], 11) ^ rotate(s[4], 25)) +
				 ((s[4] & s[5]) ^ (~s[4] & s[6])) + constants[i] + schedule[i];
		uint32_t second = (rotate(s[0], 2) ^ rotate(s[0], 13) ^ rotate(s[0], 22)) +
				  ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
		memmove(s + 1, s, 7 * sizeof *s);
		s[4] += first;
		s[0] = first + second;
	}
	for (int i = 0; i < 8; i++)
		state[i] += s[i];
}

/* The last bytes, a set bit, zeros, and the length in bits: one block or two. */
static void finish(uint32_t state[8], const unsigned char *rest, size_t count, uint64_t length)
{
	unsigned char tail[2 * BLOCK] = {0};
	unsigned char *last = count < LENGTH_AT ? tail : tail + BLOCK;
	if (count > 0)
		memcpy(tail, rest, count);
	tail[count] = 0x80;
	store(last + LENGTH_AT, (uint32_t)(length >> 29));
	store(last + LENGTH_AT + 4, (uint32_t)(length << 3));
	for (const unsigned char *block = tail; block <= last; block += BLOCK)
		compress(state, block);
}

void sha256(const void *data, size_t length, unsigned char digest[SHA256_SIZE])
{
	uint32_t state[8] = {
		0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	const unsigned char *at = data;
	size_t left = length;
	for (; left >= BLOCK; at += BLOCK, left -= BLOCK)
		compress(state, at);
	finish(state, at, left, length);
	for (int i = 0; i < 8; i++)
		store(digest + 4 * i, state[i]);
}
