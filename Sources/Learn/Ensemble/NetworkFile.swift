internal import Foundation
internal import Networks
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// Makes networks, and keeps beside their weights what is needed to make them again.
enum NetworkFile {
  /// What a network is besides its weights: the file's metadata.
  struct Design: Codable, Equatable {
    enum Form: Codable, Equatable {
      case dense(DenseModel.Shape)
      case rnn(RNNModel.Shape)
      case stack(StackModel.Shape)
    }

    var form: Form
    /// What it answers for.
    var classes: [String]

    init(member data: MemberData) {
      let (frames, width, metadata, classes) = (data.frames, data.width, data.metadata, data.classes.count)
      switch data.member.kind {
      case .dense: form = .dense(.init(frames: frames, width: width, metadata: metadata, classes: classes))
      case .rnn: form = .rnn(.init(frames: frames, width: width, metadata: metadata, classes: classes))
      }
      self.classes = Array(data.dataset.classes.names[data.classes])
    }

    init(stackOf columns: Int, classes: ClassList) {
      form = .stack(.init(columns: columns, classes: classes.count))
      self.classes = classes.names
    }
  }

  private static let key = "design"

  /// A member's network, not trained yet.
  ///
  /// - Parameter seed: nil where weights are read into it at once: drawing them takes as long as reading.
  static func member(_ data: MemberData, momentum: Float, seed: UInt64?) -> any Network {
    switch Design(member: data).form {
    case .dense(let shape):
      var settings = DenseModel.Regularisation()
      settings.momentum = momentum
      return DenseModel(shape, settings, seed: seed)
    case .rnn(let shape):
      var settings = RNNModel.Regularisation()
      settings.momentum = momentum
      return RNNModel(shape, settings, seed: seed)
    case .stack: preconditionFailure("the second level is no member")
    }
  }

  static func stack(_ layout: ColumnLayout, momentum: Float = BatchNorm.momentum, seed: UInt64?) -> StackModel {
    var settings = StackModel.Regularisation()
    settings.momentum = momentum
    return StackModel(.init(columns: layout.count, classes: layout.classes), settings, seed: seed)
  }

  static func write(_ network: any Trainable, _ design: Design, to path: BytePath) throws {
    let text = String(decoding: try CanonicalJSON.encode(design), as: UTF8.self)
    try WorkFiles.write(Weights.tensors(of: network), metadata: [key: text], to: path)
  }

  /// A member's network with the weights of a published fold.
  ///
  /// - Throws: as the other.
  static func member(_ data: MemberData, fold: BytePath) throws -> any Network {
    let network = member(data, momentum: BatchNorm.momentum, seed: nil)
    try read(fold.appending(TrainSpec.weightsName), Design(member: data), into: network)
    return network
  }

  /// Fills a network with the weights of a published fold.
  ///
  /// - Throws: `WorkError` when the file is missing or damaged, or holds a network of another design.
  static func read(_ path: BytePath, _ design: Design, into network: any Trainable) throws {
    let file = try WorkFiles.product(path)
    let found = try? CanonicalJSON.decode(Design.self, from: Data((file.metadata[key] ?? "").utf8))
    guard found == design else {
      throw WorkError(
        .input, "\(path): the weights are of another network than the data set asks for; remove its run to train again")
    }
    do {
      try Weights.load(file, into: network)
    } catch {
      throw WorkFiles.damaged(error)
    }
  }
}
