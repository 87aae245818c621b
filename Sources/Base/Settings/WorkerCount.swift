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

  /// One for each core, but not more than three quarters of the memory hold; at least one.
  ///
  /// - Parameters:
  ///   - memory: of the machine, in bytes.
  ///   - networks: bytes of each network's file.
  ///   - frames: bytes of one clip's sampled frames.
  package static func fitting(cores: Int, memory: Int64, networks: [Int64], frames: Int64) -> Int {
    max(1, min(cores, Int(memory / 4 * 3 / bytes(networks: networks, frames: frames))))
  }

  /// That of this machine.
  package static func fitting(_ backbones: [BackboneUse]) -> Int {
    fitting(
      cores: ProcessInfo.processInfo.activeProcessorCount,
      memory: Int64(clamping: ProcessInfo.processInfo.physicalMemory), networks: networks(backbones),
      frames: frames(backbones))
  }

  /// Memory that one worker takes.
  package static func bytes(_ backbones: [BackboneUse]) -> Int64 {
    bytes(networks: networks(backbones), frames: frames(backbones))
  }

  private static func bytes(networks: [Int64], frames: Int64) -> Int64 {
    base + networks.reduce(0, +) * factor + frames * slots
  }

  private static func networks(_ backbones: [BackboneUse]) -> [Int64] { backbones.compactMap { $0.file.map(size) } }

  private static func frames(_ backbones: [BackboneUse]) -> Int64 {
    Set(backbones.map(\.backbone.sampling)).reduce(0) { $0 + Int64($1.byteCount) }
  }

  private static func size(_ file: BytePath) -> Int64 {
    var status = stat()
    return file.withCString { stat($0, &status) } == 0 ? Int64(status.st_size) : 0
  }
}

extension FeatureSettings {
  /// Units at once with these networks.
  package func slots(_ backbones: [BackboneUse]) -> Int { workers ?? WorkerCount.fitting(backbones) }
}
