#include "processor.h"

#include <string.h>

int clinux_has_vectors(const char *name) {
#if defined(__x86_64__)
// The compiler wants literals, and has one name that is not the kernel's.
#define ANSWER(ours, compilers) \
  if (strcmp(name, ours) == 0) return __builtin_cpu_supports(compilers) != 0
  ANSWER("avx2", "avx2");
  ANSWER("fma", "fma");
  ANSWER("avx512f", "avx512f");
  ANSWER("avx512bw", "avx512bw");
  ANSWER("avx512dq", "avx512dq");
  ANSWER("avx512vl", "avx512vl");
  ANSWER("avx512_bf16", "avx512bf16");
#undef ANSWER
#endif
  return -1;
}
