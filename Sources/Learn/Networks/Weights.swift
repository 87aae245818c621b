internal import Numerics
package import TensorFiles

/// A network's parameters outside of it: a copy in memory, or tensors of a file.
package struct Weights {
  private let values: [[Float]]

  package init(copying network: any Trainable) { values = network.parameters.map(\.value.values) }

  /// Whether a network's parameters, what it measured included, are all numbers.
  package static func areFinite(_ network: any Trainable) -> Bool {
    network.parameters.allSatisfy { Vectors.areFinite($0.value.start, count: $0.value.count) }
  }

  package func restore(_ network: any Trainable) {
    for (parameter, values) in zip(network.parameters, values) { parameter.value.copy(values) }
  }

  package static func tensors(of network: any Trainable) -> [TensorData] {
    network.parameters.map { TensorData(name: $0.name, float32: $0.value.values, shape: $0.shape) }
  }

  /// This copy's, for the network that it was made of; `prefix` tells them from the network's own in one file.
  package func tensors(for network: any Trainable, prefix: String) -> [TensorData] {
    zip(network.parameters, values).map { TensorData(name: prefix + $0.name, float32: $1, shape: $0.shape) }
  }

  /// Fills the network from a file that `tensors` made.
  ///
  /// - Throws: `TensorFileError.damaged` when a tensor is missing, is of another shape, holds what is no number or is not
  ///   what was written.
  package static func load(
    _ file: TensorFile, prefix: String = "", into network: any Trainable
  ) throws(TensorFileError) {
    for parameter in network.parameters {
      try parameter.value.fill(from: file, prefix + parameter.name, shape: parameter.shape)
    }
  }
}

extension Matrix {
  /// Becomes a float32 tensor of a file.
  ///
  /// - Throws: `TensorFileError.damaged` when it is missing, is of another shape, holds what is no number or is not what
  ///   was written.
  func fill(from file: TensorFile, _ name: String, shape: [Int]) throws(TensorFileError) {
    let tensor = try file.intact(name)
    guard tensor.type == .float32, tensor.shape == shape else {
      throw .damaged(file.path, "\"\(name)\" has the shape \(tensor.shape), not \(shape)")
    }
    tensor.copyFloats(to: start)
    guard Vectors.areFinite(start, count: count) else {
      throw .damaged(file.path, "\"\(name)\" holds what is no number")
    }
  }
}
