/* What every unit test includes: cmocka and the headers that it wants in front. */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdbool.h>

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Which descriptors of this program are open, of the first so many. */
#define DESCRIPTORS 512

struct descriptors {
	bool open[DESCRIPTORS];
};

static inline struct descriptors open_descriptors(void)
{
	struct descriptors found;
	for (int i = 0; i < DESCRIPTORS; i++)
		found.open[i] = fcntl(i, F_GETFD) >= 0;
	return found;
}

static inline void assert_same_descriptors(const struct descriptors *before)
{
	const struct descriptors now = open_descriptors();
	for (int i = 0; i < DESCRIPTORS; i++)
		if (now.open[i] != before->open[i])
			fail_msg("descriptor %d %s", i, now.open[i] ? "was left open" : "was closed");
}

/* Each that was opened since is closed where the program becomes another. */
static inline void assert_not_inherited(const struct descriptors *before)
{
	for (int i = 0; i < DESCRIPTORS; i++)
		if (!before->open[i] && fcntl(i, F_GETFD) >= 0)
			assert_int_equal(fcntl(i, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}

#endif
