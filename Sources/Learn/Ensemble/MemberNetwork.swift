internal import Foundation
internal import Networks
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// Makes members' networks, and keeps beside their weights what is needed to make them again.
enum MemberNetwork {
  /// `weights.safetensors`' metadata, one entry each, JSON inside.
  private enum Key {
    static let kind = "kind"
    static let shape = "shape"
    static let classes = "classes"
  }

  static func shape(_ data: MemberData) -> DenseModel.Shape {
    DenseModel.Shape(
      frames: data.frames, width: data.width, metadata: data.metadata, classes: data.dataset.classes.count)
  }

  static func write(_ network: any Network, of data: MemberData, kind: MemberModel.Kind, to path: BytePath) throws {
    let metadata = [
      Key.kind: kind.rawValue, Key.shape: String(decoding: try CanonicalJSON.encode(shape(data)), as: UTF8.self),
      Key.classes: String(decoding: try CanonicalJSON.encode(data.dataset.classes), as: UTF8.self),
    ]
    try WorkFiles.write(Weights.tensors(of: network), metadata: metadata, to: path)
  }

  /// The network of a published fold.
  ///
  /// - Throws: `WorkError` when the file is missing or damaged, or was trained for other features or classes than `data`
  ///   has.
  static func read(_ path: BytePath, for data: MemberData, kind: MemberModel.Kind) throws -> any Network {
    let file = try WorkFiles.tensors(path)
    guard file.metadata[Key.kind] == kind.rawValue, try decode(DenseModel.Shape.self, file, Key.shape) == shape(data),
      try decode(ClassList.self, file, Key.classes) == data.dataset.classes
    else {
      throw WorkError(
        .input, "\(path): the weights are of another network than the data set asks for; remove its run to train again")
    }
    switch kind {
    case .dense:
      let network = DenseModel(shape(data), seed: 0)
      do {
        try Weights.load(file, into: network)
      } catch {
        throw WorkError(.input, "\(error); remove the run's folder to have it trained again")
      }
      return network
    }
  }

  private static func decode<Value: Decodable>(_ type: Value.Type, _ file: TensorFile, _ key: String) throws -> Value? {
    try file.metadata[key].map { try CanonicalJSON.decode(type, from: Data($0.utf8)) }
  }
}
