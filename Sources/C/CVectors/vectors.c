#include "CVectors.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "twice.h"

#pragma STDC FP_CONTRACT OFF

TWICE float cvectors_dot(const float *left, const float *right, size_t count) {
  lanes a = {0}, b = {0};
  size_t index = 0;
  for (; index + 32 <= count; index += 32) {
    a += load(left + index) * load(right + index);
    b += load(left + index + 16) * load(right + index + 16);
  }
  a += b;
  float sum = 0;
  for (int lane = 0; lane < 16; lane++) sum += a[lane];
  for (; index < count; index++) sum += left[index] * right[index];
  return sum;
}

TWICE void cvectors_add_rows(const float *rows, size_t row_count, size_t distance, const float *factors,
                             float *restrict target, size_t count) {
  // Four at a time, so that the target is read and written a quarter as often.
  for (; row_count >= 4; row_count -= 4, rows += 4 * distance, factors += 4) {
    const float *one = rows, *two = one + distance, *three = two + distance, *four = three + distance;
    float a = factors[0], b = factors[1], c = factors[2], d = factors[3];
    for (size_t i = 0; i < count; i++) target[i] += (a * one[i] + b * two[i]) + (c * three[i] + d * four[i]);
  }
  for (; row_count > 0; row_count--, rows += distance, factors++) {
    float a = factors[0];
    for (size_t i = 0; i < count; i++) target[i] += a * rows[i];
  }
}

// A value that is no number is passed over.
static ALWAYS_INLINE float greater(float x, float y) { return x > y ? x : y; }
static ALWAYS_INLINE float lesser(float x, float y) { return x < y ? x : y; }

TWICE void cvectors_summarise(const float *rows, size_t row_count, size_t distance, const float *origin,
                              float *restrict sum, float *restrict square, float *restrict high, float *restrict low,
                              size_t count) {
  for (; row_count >= 2; row_count -= 2, rows += 2 * distance) {
    const float *one = rows, *two = rows + distance;
    for (size_t i = 0; i < count; i++) {
      float x = one[i], y = two[i], a = x - origin[i], b = y - origin[i];
      sum[i] += a + b;
      square[i] += a * a + b * b;
      high[i] = greater(y, greater(x, high[i]));
      low[i] = lesser(y, lesser(x, low[i]));
    }
  }
  if (row_count == 0) return;
  for (size_t i = 0; i < count; i++) {
    float x = rows[i], a = x - origin[i];
    sum[i] += a;
    square[i] += a * a;
    high[i] = greater(x, high[i]);
    low[i] = lesser(x, low[i]);
  }
}

TWICE void cvectors_widen_bounds(const float *rows, size_t row_count, size_t distance, float *restrict high,
                                 float *restrict low, size_t count) {
  for (; row_count >= 2; row_count -= 2, rows += 2 * distance) {
    const float *one = rows, *two = rows + distance;
    for (size_t i = 0; i < count; i++) {
      high[i] = greater(two[i], greater(one[i], high[i]));
      low[i] = lesser(two[i], lesser(one[i], low[i]));
    }
  }
  if (row_count == 0) return;
  for (size_t i = 0; i < count; i++) {
    high[i] = greater(rows[i], high[i]);
    low[i] = lesser(rows[i], low[i]);
  }
}

TWICE void cvectors_widen(const void *halves, float *restrict target, size_t count) {
  const struct __attribute__((packed)) { uint16_t bits; } *source = halves;
  for (size_t i = 0; i < count; i++) {
    uint32_t bits = source[i].bits, whole = (bits & 0x7FFF) << 13;
    float magnitude;
    memcpy(&magnitude, &whole, 4);
    // The exponents' biases differ by 112; a multiplication also makes subnormal numbers normal.
    magnitude *= 0x1p112f;
    memcpy(&whole, &magnitude, 4);
    whole |= ((bits & 0x7C00) == 0x7C00 ? 0x7F800000 : 0) | (bits & 0x8000) << 16;
    memcpy(target + i, &whole, 4);
  }
}

TWICE void cvectors_adam(const float *gradient, float *restrict value, float *restrict first, float *restrict second,
                         float rate, float first_decay, float second_decay, float epsilon, size_t count) {
  size_t i = 0;
  // By hand, because a square root that may set errno is no vector instruction.
  for (; i + 16 <= count; i += 16) {
    lanes slope = load(gradient + i);
    lanes mean = first_decay * load(first + i) + (1 - first_decay) * slope;
    lanes square = second_decay * load(second + i) + (1 - second_decay) * slope * slope;
    store(first + i, mean);
    store(second + i, square);
    store(value + i, load(value + i) - rate * mean / (__builtin_elementwise_sqrt(square) + epsilon));
  }
  for (; i < count; i++) {
    float slope = gradient[i];
    first[i] = first_decay * first[i] + (1 - first_decay) * slope;
    second[i] = second_decay * second[i] + (1 - second_decay) * slope * slope;
    value[i] -= rate * first[i] / (sqrtf(second[i]) + epsilon);
  }
}
