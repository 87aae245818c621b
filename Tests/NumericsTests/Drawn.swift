import Numerics
import Vocabulary

/// A matrix of numbers in [-1, 1).
func draw(_ rows: Int, _ columns: Int, _ random: inout SplitMix64) -> Matrix {
  let matrix = Matrix(rows: rows, columns: columns)
  for index in 0..<matrix.count { matrix.start[index] = random.uniform() * 2 - 1 }
  return matrix
}
