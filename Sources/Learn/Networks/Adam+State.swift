internal import Numerics
package import TensorFiles

extension Adam {
  private static let stepsName = "adam.steps"

  /// What it remembers of its steps, for a file beside the weights: training that is taken up with both goes on with the
  /// bytes it would have had. The rate is the caller's.
  package var tensors: [TensorData] {
    [TensorData(name: Self.stepsName, int32: [Int32(clamping: steps)], shape: [1])]
      + moments.flatMap { parameter, first, second in
        [("first", first), ("second", second)].map {
          TensorData(name: "adam.\($0.0).\(parameter.name)", float32: $0.1.values, shape: parameter.shape)
        }
      }
  }

  /// Takes up what `tensors` wrote.
  ///
  /// - Throws: `TensorFileError.damaged` when a tensor is missing, is of another shape or holds what is no number.
  package func load(_ file: TensorFile) throws(TensorFileError) {
    let count = try file.intact(Self.stepsName)
    guard count.type == .int32, count.shape == [1], let taken = count.int32s.first, taken >= 0 else {
      throw .damaged(file.path, "\"\(Self.stepsName)\" is not a number of steps")
    }
    for (parameter, first, second) in moments {
      for (kind, matrix) in [("first", first), ("second", second)] {
        try matrix.fill(from: file, "adam.\(kind).\(parameter.name)", shape: parameter.shape)
      }
    }
    steps = Int(taken)
  }
}
