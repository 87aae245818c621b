import Foundation
import Networks
import Numerics
import TensorFiles
import TestSupport
import Testing
import Vocabulary

/// Numbers that `scripts/golden/networks.py` had PyTorch compute.
struct Golden {
  private let file: TensorFile

  init(_ name: String) throws {
    file = try TensorFile(
      mapping: BytePath(Checkout.root.path).appending("Tests/Fixtures/networks/\(name).safetensors"))
  }

  func values(_ name: String) throws -> [Float] { try file.tensor(name).floats }

  /// [n, m] as it is; a vector as one row.
  func matrix(_ name: String) throws -> Matrix {
    let tensor = try file.tensor(name)
    let columns = tensor.shape.last ?? 1
    return Matrix(rows: tensor.count / columns, columns: columns, values: tensor.floats)
  }

  /// Clips [n, frames, width] without metadata.
  func clips(_ name: String, metadata: String? = nil) throws -> FeatureBatch {
    let tensor = try file.tensor(name)
    let beside = try metadata.map { try matrix($0) }
    let batch = FeatureBatch(
      clips: tensor.shape[0], frames: tensor.shape[1], width: tensor.shape[2], metadata: beside?.columns ?? 0)
    batch.features.copy(tensor.floats)
    if let beside { batch.metadata.copy(beside) }
    return batch
  }
}

/// Whether the values agree within `tolerance` of the largest expected one.
func expectClose(
  _ values: [Float], _ expected: [Float], tolerance: Float = 2e-5, _ what: String,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(values.count == expected.count, "\(what)", sourceLocation: sourceLocation)
  let scale = max(expected.map(abs).max() ?? 0, 1e-3)
  let worst = zip(values, expected).map { abs($0 - $1) }.max() ?? 0
  #expect(worst <= tolerance * scale, "\(what): off by \(worst) of \(scale)", sourceLocation: sourceLocation)
}
