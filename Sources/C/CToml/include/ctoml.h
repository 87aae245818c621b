#ifndef CTOML_H
#define CTOML_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What came of reading a TOML 1.0 document. Exactly one of `json` and `error` is set; both are owned by the result.
struct ctoml_result {
  /// The document as JSON. Every value is an object: {"line": n, and one of "table": {...}, "array": [...], "string": s,
  /// "integer": n, "number": x, "boolean": b, "other": text (dates and times)}.
  char *json;
  /// One sentence, and where it applies, counted from 1.
  char *error;
  int line;
  int column;
};

/// Reads `length` bytes. No C++ exception leaves this function.
struct ctoml_result ctoml_parse(const char *text, size_t length);

void ctoml_free(struct ctoml_result result);

#ifdef __cplusplus
}
#endif

#endif
