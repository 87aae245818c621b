#ifndef CLINUX_PROCESSOR_H
#define CLINUX_PROCESSOR_H

/// Whether this processor has a vector extension, by its name in /proc/cpuinfo, and the kernel lets programs use it: 1 or
/// 0; -1 for a name that is not one of ours. By the CPUID instruction: a service with ProcSubset=pid has no /proc/cpuinfo.
int clinux_has_vectors(const char *name);

#endif
