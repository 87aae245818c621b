#pragma once

/// Before a function: compiled for x86-64-v3 (AVX2, FMA) too; which of both runs is found out once, when it is loaded.
#if defined(__x86_64__)
#define TWICE __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define TWICE
#endif

#define ALWAYS_INLINE inline __attribute__((always_inline))

/// Sixteen floats, anywhere in memory.
typedef float lanes __attribute__((vector_size(64), aligned(4)));

#define load(start) (*(const lanes *)(start))
#define store(start, value) (*(lanes *)(start) = (value))
