internal import Durability
internal import Foundation
internal import Networks
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// Training between two epochs, kept durably: the network's weights now and at its best, what Adam remembers, and the
/// course. Nothing else is needed to go on with the same bytes, because every epoch draws from a seed of its own.
final class Checkpoint {
  private static let courseKey = "course"
  private static let bestPrefix = "best."

  private let place: TrainSpec.Resumption
  /// Beside which the file is written first.
  private let staging: BytePath
  private var latest = ContinuousClock.now

  init(_ place: TrainSpec.Resumption, staging: BytePath) {
    self.place = place
    self.staging = staging
  }

  /// Writes training down, unless less work than the interval would be lost with it. The clock decides when something is
  /// kept, and nothing of what.
  func save(_ course: Course, _ network: any Trainable, _ adam: Adam, best: Weights) throws {
    guard ContinuousClock.now - latest >= .seconds(place.interval) else { return }
    let file = staging.appending("checkpoint.safetensors")
    let tensors =
      Weights.tensors(of: network) + adam.tensors
      + (course.isAtItsBest ? [] : best.tensors(for: network, prefix: Self.bestPrefix))
    let metadata = [Self.courseKey: String(decoding: try CanonicalJSON.encode(course), as: UTF8.self)]
    try WorkFiles.write(tensors, metadata: metadata, to: file)
    do {
      try Durability.publish(staged: file, at: place.path)
    } catch {
      throw WorkError(.environment, "\(error)")
    }
    latest = .now
  }

  /// Takes up what was written down. Nil where there is nothing, or nothing sound: then training begins anew, and
  /// `network` is as it was.
  func load(_ network: any Trainable, learningRate: Float) -> (course: Course, adam: Adam, best: Weights)? {
    guard FileManager.default.fileExists(atPath: place.path.display) else { return nil }
    let before = Weights(copying: network)
    do {
      let file = try TensorFile(mapping: place.path)
      let course = try CanonicalJSON.decode(Course.self, from: Data((file.metadata[Self.courseKey] ?? "").utf8))
      try Weights.load(file, prefix: course.isAtItsBest ? "" : Self.bestPrefix, into: network)
      let best = Weights(copying: network)
      try Weights.load(file, into: network)
      let adam = Adam(network.parameters, learningRate: learningRate)
      try adam.load(file)
      return (course, adam, best)
    } catch {
      before.restore(network)
      return nil
    }
  }
}
