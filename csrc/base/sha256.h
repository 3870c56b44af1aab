/*
** SHA-256 (FIPS 180-4) of bytes that are at hand as a whole.
*/
#ifndef BASE_SHA256_H
#define BASE_SHA256_H

#include <stddef.h>

enum { SHA256_SIZE = 32 };

void sha256(const void *data, size_t length, unsigned char digest[SHA256_SIZE]);

#endif
