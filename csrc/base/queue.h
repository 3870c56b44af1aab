/*
** Lists whose members hold the links: a member is appended, and taken away wherever it stands, in no time. A member may
** be in as many lists as it has links, in one list for each. musl has no <sys/queue.h>.
*/
#ifndef BASE_QUEUE_H
#define BASE_QUEUE_H

#include <stddef.h>

/* The list of struct `type`, and its place in such a member; `end` and `back` are where the pointer to a member is. */
#define QUEUE(name, type)                                                                                              \
	struct name {                                                                                                  \
		struct type *first, **end;                                                                             \
	}
#define QUEUE_LINK(type)                                                                                               \
	struct {                                                                                                       \
		struct type *next, **back;                                                                             \
	}

#define QUEUE_INIT(queue)                                                                                              \
	do {                                                                                                           \
		(queue)->first = NULL;                                                                                 \
		(queue)->end = &(queue)->first;                                                                        \
	} while (0)

#define QUEUE_APPEND(queue, member, link)                                                                              \
	do {                                                                                                           \
		(member)->link.next = NULL;                                                                            \
		(member)->link.back = (queue)->end;                                                                    \
		*(queue)->end = (member);                                                                              \
		(queue)->end = &(member)->link.next;                                                                   \
	} while (0)

#define QUEUE_REMOVE(queue, member, link)                                                                              \
	do {                                                                                                           \
		if ((member)->link.next != NULL)                                                                       \
			(member)->link.next->link.back = (member)->link.back;                                          \
		else                                                                                                   \
			(queue)->end = (member)->link.back;                                                            \
		*(member)->link.back = (member)->link.next;                                                            \
	} while (0)

#endif
