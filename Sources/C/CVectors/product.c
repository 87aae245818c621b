#include "CVectors.h"

#include <string.h>

#include "twice.h"

// A tile of the product is as many rows and columns as there are registers for its sums. A block of `right` is copied tile
// by tile into memory of its own, where it stays in the second-level cache while all rows use it, and so is one of `left`,
// for the first-level cache (Goto and van de Geijn 2008).
enum { TILE_ROWS = 6, TILE_COLUMNS = 16, BLOCK_INNER = 256, BLOCK_COLUMNS = 256, BLOCK_ROWS = 8 * TILE_ROWS };

static _Thread_local float packed_right[BLOCK_INNER * BLOCK_COLUMNS] __attribute__((aligned(64)));
static _Thread_local float packed_left[BLOCK_INNER * BLOCK_ROWS] __attribute__((aligned(64)));

static ALWAYS_INLINE size_t least(size_t a, size_t b) { return a < b ? a : b; }

/// [inner, TILE_COLUMNS] one after another; columns that are missing are zeros.
static ALWAYS_INLINE void pack_right(const float *right, size_t distance, size_t inner, size_t columns) {
  for (size_t first = 0; first < columns; first += TILE_COLUMNS) {
    size_t width = least(columns - first, TILE_COLUMNS);
    float *target = packed_right + first * inner;
    for (size_t k = 0; k < inner; k++, target += TILE_COLUMNS) {
      const float *source = right + k * distance + first;
      if (width == TILE_COLUMNS) {
        store(target, load(source));
      } else {
        memset(target, 0, sizeof(lanes));
        memcpy(target, source, width * sizeof(float));
      }
    }
  }
}

/// [inner, TILE_ROWS] one after another; in the place of rows that are missing stands the last one.
static ALWAYS_INLINE void pack_left(const float *left, size_t distance, size_t inner, size_t rows) {
  float *target = packed_left;
  for (size_t first = 0; first < rows; first += TILE_ROWS) {
    const float *sources[TILE_ROWS];
    for (size_t row = 0; row < TILE_ROWS; row++) sources[row] = left + least(first + row, rows - 1) * distance;
    for (size_t k = 0; k < inner; k++, target += TILE_ROWS)
#pragma unroll
      for (size_t row = 0; row < TILE_ROWS; row++) target[row] = sources[row][k];
  }
}

/// Adds a tile's part of the inner dimension, summed on its own first, which costs fewer digits; `distance` is that of the
/// rows of `product`.
static ALWAYS_INLINE void add_tile(const float *left, const float *right, size_t inner, float *product, size_t distance) {
#pragma STDC FP_CONTRACT ON
  lanes sums[TILE_ROWS] = {0};
  for (size_t k = 0; k < inner; k++) {
    lanes y = load(right + k * TILE_COLUMNS);
#pragma unroll
    for (int row = 0; row < TILE_ROWS; row++) sums[row] += left[k * TILE_ROWS + row] * y;
  }
#pragma unroll
  for (int row = 0; row < TILE_ROWS; row++)
    store(product + row * distance, load(product + row * distance) + sums[row]);
}

/// As `add_tile`, where the product ends within the tile.
static ALWAYS_INLINE void add_edge(const float *left, const float *right, size_t inner, float *product, size_t distance,
                                   size_t rows, size_t columns) {
  float whole[TILE_ROWS * TILE_COLUMNS] = {0};
  for (size_t row = 0; row < rows; row++)
    memcpy(whole + row * TILE_COLUMNS, product + row * distance, columns * sizeof(float));
  add_tile(left, right, inner, whole, TILE_COLUMNS);
  for (size_t row = 0; row < rows; row++)
    memcpy(product + row * distance, whole + row * TILE_COLUMNS, columns * sizeof(float));
}

static ALWAYS_INLINE void add_block(size_t rows, size_t columns, size_t inner, float *product, size_t distance) {
  for (size_t column = 0; column < columns; column += TILE_COLUMNS) {
    for (size_t row = 0; row < rows; row += TILE_ROWS) {
      const float *left = packed_left + row * inner, *right = packed_right + column * inner;
      float *target = product + row * distance + column;
      if (rows - row >= TILE_ROWS && columns - column >= TILE_COLUMNS)
        add_tile(left, right, inner, target, distance);
      else
        add_edge(left, right, inner, target, distance, least(rows - row, TILE_ROWS),
                 least(columns - column, TILE_COLUMNS));
    }
  }
}

TWICE void cvectors_product(const float *left, size_t rows, size_t distance, size_t inner, const float *right,
                            size_t columns, float *product) {
  memset(product, 0, rows * columns * sizeof(float));
  for (size_t k = 0; k < inner; k += BLOCK_INNER) {
    size_t depth = least(inner - k, BLOCK_INNER);
    for (size_t column = 0; column < columns; column += BLOCK_COLUMNS) {
      size_t width = least(columns - column, BLOCK_COLUMNS);
      pack_right(right + k * columns + column, columns, depth, width);
      for (size_t row = 0; row < rows; row += BLOCK_ROWS) {
        size_t height = least(rows - row, BLOCK_ROWS);
        pack_left(left + row * distance + k, distance, depth, height);
        add_block(height, width, depth, product + row * columns + column, columns);
      }
    }
  }
}
