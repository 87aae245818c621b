package import Vocabulary

/// What the reference solution's models know of a clip besides its pixels: its resolution, how large its file is among
/// those of its resolution, and its bit rate. Cameras of one kind stand at one place, and places have their animals.
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
  private var bitRate: Spread

  /// Features per clip: every resolution (the reference leaves out the first, but here a clip may have none of them), file
  /// size, bit rate.
  package var width: Int { resolutions.count + 2 }

  /// - Parameter clips: facts and file size (bytes) of every clip, in any order.
  package static func fit(_ clips: [(ClipID, ClipFacts, Int64)]) -> MetadataScaler {
    let clips = clips.sorted { $0.0 < $1.0 }  // Sums depend on their order, in the last digits.
    var groups: [[Int]: [Double]] = [:]
    for (_, facts, bytes) in clips { groups[[facts.height, facts.width], default: []].append(Double(bytes)) }
    // A resolution of its own for a handful of clips would be learned by heart.
    let least = max(5, clips.count / 100)
    let common = groups.filter { $0.value.count >= least }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return MetadataScaler(
      resolutions: common.map { Resolution(height: $0.key[0], width: $0.key[1], bytes: Spread($0.value)) },
      bytes: Spread(clips.map { Double($0.2) }), bitRate: Spread(clips.compactMap { $0.1.bitRate.map(Double.init) }))
  }

  /// A clip's features, `width` of them. A resolution that was rare or unknown is none of the known ones; a bit rate that
  /// the container does not tell counts as average.
  package func vector(for facts: ClipFacts, bytes: Int64) -> [Float] {
    let own = resolutions.firstIndex { $0.height == facts.height && $0.width == facts.width }
    let oneHot = resolutions.indices.map { Float($0 == own ? 1 : 0) }
    let size = (own.map { resolutions[$0].bytes } ?? self.bytes).score(Double(bytes))
    return oneHot + [size, facts.bitRate.map { bitRate.score(Double($0)) } ?? 0]
  }
}
