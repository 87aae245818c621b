internal import Foundation
internal import Vocabulary
package import WorkUnits

/// How many workers a machine holds at once.
package enum WorkerCount {
  /// What a worker takes besides its networks: program, decoder, activations, one clip's features.
  private static let base: Int64 = 400 << 20
  /// A network is in memory as it was read and as it is laid out for the processor: ResNet-152's 222 MiB make a worker of 1012
  /// MiB, the 889 MiB of the contest's four one of 2872 MiB.
  private static let factor: Int64 = 3
  /// Frames of this clip and of the next.
  private static let slots: Int64 = 2
  /// What a training takes besides its batches: program, weights and Adam's moments.
  private static let training: Int64 = 200 << 20
  /// What a clip of a batch needs, by its features as float32: in this batch and the next, and what comes of them. With
  /// 64 clips of ResNet-152's 45 x 3840 a recurrent model takes 576 MiB.
  private static let copies: Int64 = 9

  /// One for each core, but not more than three quarters of the memory hold; at least one.
  ///
  /// - Parameters:
  ///   - memory: of the machine, in bytes.
  ///   - networks: bytes of each network's file.
  ///   - frames: bytes of one clip's sampled frames.
  ///   - features: of a training's batch, all networks', as numbers.
  package static func fitting(cores: Int, memory: Int64, networks: [Int64], frames: Int64, features: Int64) -> Int {
    max(1, min(cores, Int(memory / 4 * 3 / bytes(networks: networks, frames: frames, features: features))))
  }

  /// That of this machine.
  ///
  /// - Parameter batch: clips of a training's step.
  package static func fitting(_ backbones: [BackboneUse], batch: Int) -> Int {
    fitting(
      cores: ProcessInfo.processInfo.activeProcessorCount,
      memory: Int64(clamping: ProcessInfo.processInfo.physicalMemory), networks: networks(backbones),
      frames: frames(backbones), features: features(backbones, batch: batch))
  }

  /// Memory that one worker takes, be it extraction or training.
  package static func bytes(_ backbones: [BackboneUse], batch: Int) -> Int64 {
    bytes(networks: networks(backbones), frames: frames(backbones), features: features(backbones, batch: batch))
  }

  private static func bytes(networks: [Int64], frames: Int64, features: Int64) -> Int64 {
    let extraction = base + networks.reduce(0, +) * factor + frames * slots
    return max(extraction, training + features * Int64(MemoryLayout<Float>.size) * copies)
  }

  private static func networks(_ backbones: [BackboneUse]) -> [Int64] { backbones.compactMap { $0.file.map(size) } }

  private static func frames(_ backbones: [BackboneUse]) -> Int64 {
    Set(backbones.map(\.backbone.sampling)).reduce(0) { $0 + Int64($1.byteCount) }
  }

  private static func features(_ backbones: [BackboneUse], batch: Int) -> Int64 {
    backbones.reduce(0) { $0 + Int64($1.backbone.sampling.frames * $1.backbone.width * batch) }
  }

  private static func size(_ file: BytePath) -> Int64 {
    var status = stat()
    return file.withCString { stat($0, &status) } == 0 ? Int64(status.st_size) : 0
  }
}

extension Settings {
  /// Units at once with these networks.
  package func slots(_ backbones: [BackboneUse]) -> Int {
    features.workers ?? WorkerCount.fitting(backbones, batch: ensemble.batch)
  }
}
