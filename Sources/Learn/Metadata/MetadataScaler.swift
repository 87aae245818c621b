package import Vocabulary
package import WorkUnits

/// What metadata features are made of.
package struct ClipMetadata: Sendable {
  package var clip: ClipID
  /// Pixels.
  package var width: Int
  package var height: Int
  /// Of the file.
  package var bytes: Int64
  /// Nil when there is no micro clip.
  package var micro: MicroFacts?

  package init(clip: ClipID, width: Int, height: Int, bytes: Int64, micro: MicroFacts?) {
    self.clip = clip
    self.width = width
    self.height = height
    self.bytes = bytes
    self.micro = micro
  }
}

/// What the reference solution's models know of a clip besides its pixels: its resolution, how large its file is among
/// those of its resolution, and bit rate and size of its micro clip, which tell how much moves. Cameras of one kind stand at
/// one place, and places have their animals.
///
/// Statistics are taken once, when a run is planned, and applied unchanged to clips that come later.
package struct MetadataScaler: Sendable, Codable {
  private struct Spread: Sendable, Codable {
    var mean: Double
    var deviation: Double

    /// Of no values: everything is average.
    init(_ values: [Double]) {
      mean = values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
      let mean = mean
      let variance = values.isEmpty ? 0 : values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      deviation = variance.squareRoot()
    }

    /// Standard scores beyond five say no more than five.
    func score(_ value: Double) -> Float {
      deviation > 0 ? Float(min(max((value - mean) / deviation, -5), 5)) : 0
    }
  }

  private struct Resolution: Sendable, Codable {
    var height: Int
    var width: Int
    var bytes: Spread
  }

  /// Those with enough clips, by height and width.
  private var resolutions: [Resolution]
  private var bytes: Spread
  private var microBitRate: Spread
  private var microBytes: Spread

  /// Features per clip: every resolution (the reference leaves out the first, but here a clip may have none of them), file
  /// size, bit rate and size of the micro clip.
  package var width: Int { resolutions.count + 3 }

  /// - Parameter clips: every clip, in any order.
  package static func fit(_ clips: [ClipMetadata]) -> MetadataScaler {
    let clips = clips.sorted { $0.clip < $1.clip }  // Sums depend on their order, in the last digits.
    var groups: [[Int]: [Double]] = [:]
    for clip in clips { groups[[clip.height, clip.width], default: []].append(Double(clip.bytes)) }
    // A resolution of its own for a handful of clips would be learned by heart; fifty have a size that can be averaged.
    let least = min(max(5, clips.count / 100), 50)
    let common = groups.filter { $0.value.count >= least }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return MetadataScaler(
      resolutions: common.map { Resolution(height: $0.key[0], width: $0.key[1], bytes: Spread($0.value)) },
      bytes: Spread(clips.map { Double($0.bytes) }),
      microBitRate: Spread(clips.compactMap { $0.micro.map { Double($0.bitRate) } }),
      microBytes: Spread(clips.compactMap { $0.micro.map { Double($0.bytes) } }))
  }

  /// A clip's features, `width` of them. A resolution that was rare or unknown is none of the known ones; a micro
  /// clip that is not there counts as average.
  package func vector(for clip: ClipMetadata) -> [Float] {
    let own = resolutions.firstIndex { $0.height == clip.height && $0.width == clip.width }
    let oneHot = resolutions.indices.map { Float($0 == own ? 1 : 0) }
    let size = (own.map { resolutions[$0].bytes } ?? self.bytes).score(Double(clip.bytes))
    guard let micro = clip.micro else { return oneHot + [size, 0, 0] }
    return oneHot + [size, microBitRate.score(Double(micro.bitRate)), microBytes.score(Double(micro.bytes))]
  }
}
