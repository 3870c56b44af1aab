/*
** Preloaded into a program, lets the name slow.example hang in the resolver for
** 3 seconds, after which it does not exist.
*/
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int resolve(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
	if (node != NULL && strcmp(node, "slow.example") == 0) {
		sleep(3);
		return EAI_NONAME;
	}
	resolve *original = (resolve *)dlsym(RTLD_NEXT, "getaddrinfo");
	return original(node, service, hints, found);
}
