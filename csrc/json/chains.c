#include "json/chains.h"

#include <stdlib.h>

#define MOST_CHAINS ((size_t)1 << 24)
#define LONGEST_CHAIN 2048

struct link {
	const void *string;
	uint32_t next; /* counted from 1; 0: none */
};

enum chains_status chains_open(struct chains *chains, size_t strings, size_t most_steps)
{
	size_t count = 1;
	while (count < strings && count < MOST_CHAINS)
		count *= 2;
	chains->first = calloc(count, sizeof *chains->first);
	if (chains->first == NULL)
		return CHAINS_NO_MEMORY;
	chains->mask = (uint32_t)(count - 1);
	chains->links.limit = UINT32_MAX * sizeof(struct link);
	chains->most_steps = most_steps;
	return CHAINS_OK;
}

enum chains_status chains_add(struct chains *chains, uint32_t hash, const void *string)
{
	uint32_t *first = &chains->first[hash & chains->mask];
	const struct link *links = (const struct link *)(const void *)chains->links.data;
	size_t steps = 0;
	uint32_t at = *first;
	while (at != 0 && links[at - 1].string != string && steps <= LONGEST_CHAIN) {
		at = links[at - 1].next;
		steps++;
	}
	chains->steps += steps;
	if (steps > LONGEST_CHAIN || chains->steps > chains->most_steps)
		return CHAINS_TOO_LONG;
	if (at != 0)
		return CHAINS_OK;
	struct link link = {string, *first};
	if (buffer_append(&chains->links, &link, sizeof link) != BUFFER_OK)
		return CHAINS_NO_MEMORY;
	*first = (uint32_t)(chains->links.length / sizeof link);
	return CHAINS_OK;
}

void chains_free(struct chains *chains)
{
	free(chains->first);
	buffer_free(&chains->links);
}
