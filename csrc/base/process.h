/*
** Which process this is. What is shared over fork (descriptors, timers,
** threads) notes the generation that made it, and belongs to the parent where
** that is another one: the child touches nothing of it but its own copies of
** the descriptors, which it may close.
*/
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

/* A number that is another in a child process; asked for the first time before anything is made that is shared. */
unsigned process_generation(void);

#endif
