#ifndef CVECTORS_H
#define CVECTORS_H

// The loops over floats that learning spends its time in. Why in C: Swift compiles a function for one processor, the oldest
// that a program shall run on; these are compiled twice, and the loader takes the one for x86-64-v3 (AVX2) where it can.
//
// All but `cvectors_product` give the same bits on every processor: what is summed in which order is written out, and no
// multiplication is contracted with an addition. Pointers need no alignment; written memory must not overlap with other.

#include <stddef.h>

/// The inner product, as 32 running sums that are added up at the end.
float cvectors_dot(const float *left, const float *right, size_t count);

/// target += the sum of `rows` vectors times their factors; each begins `distance` floats after the one before.
void cvectors_add_rows(const float *rows, size_t row_count, size_t distance, const float *factors, float *target,
                       size_t count);

/// Of some rows' distances from `origin`, adds the sum and the sum of squares of each column to `sum` and `square`, and
/// takes its greatest and least value into `high` and `low`.
void cvectors_summarise(const float *rows, size_t row_count, size_t distance, const float *origin, float *sum,
                        float *square, float *high, float *low, size_t count);

/// As `cvectors_summarise`, `high` and `low` alone.
void cvectors_widen_bounds(const float *rows, size_t row_count, size_t distance, float *high, float *low, size_t count);

/// Writes float16 numbers as the floats that they are.
void cvectors_widen(const void *halves, float *target, size_t count);

/// One step of Adam: first = a first + (1 - a) g, second = b second + (1 - b) g g,
/// value -= rate first / (sqrt(second) + epsilon).
void cvectors_adam(const float *gradient, float *value, float *first, float *second, float rate, float first_decay,
                   float second_decay, float epsilon, size_t count);

/// product [rows, columns] = left [rows, inner] right [inner, columns]; rows of `left` begin `distance` floats after one
/// another. Every element is summed in the same order, so a row of the product depends on its row of `left` and on `right`
/// alone, bit for bit.
void cvectors_product(const float *left, size_t rows, size_t distance, size_t inner, const float *right, size_t columns,
                      float *product);

#endif
