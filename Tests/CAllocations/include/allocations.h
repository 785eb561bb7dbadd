#ifndef SACCADE_ALLOCATIONS_H
#define SACCADE_ALLOCATIONS_H

/// How often this thread has asked for memory so far; 0 for ever where a sanitizer owns malloc.
unsigned long saccade_allocations(void);

/// Whether it is counted at all.
int saccade_counts_allocations(void);

#endif
