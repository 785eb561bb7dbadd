#pragma once

// CLONES: the compiler makes one version of a function an instruction set and picks at run time; elsewhere
// plain C. The choice is made before ThreadSanitizer is ready for it, so not there.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CLONES
#endif
#endif
#if !defined(CLONES) && defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "avx2", "default")))
#endif
#if !defined(CLONES)
#define CLONES
#endif
