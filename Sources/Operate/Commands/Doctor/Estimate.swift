package import Control
internal import Foundation
internal import Vocabulary

/// How long extraction takes on this machine, from what was measured of it.
package struct Estimate: Codable, Equatable, Sendable {
  package struct Network: Codable, Equatable, Sendable {
    package var backbone: String
    /// Of one worker, for a clip.
    package var seconds: Double

    package init(backbone: String, seconds: Double) {
      self.backbone = backbone
      self.seconds = seconds
    }
  }

  /// Clips that are still to be extracted; nil where nobody knows.
  package var clips: Int?
  package var workers: Int
  package var networks: [Network]
  /// Of one worker, for a clip; nil where there was none to decode.
  package var decodingSeconds: Double?
  /// Of all of them, or of a thousand clips.
  package var seconds: Double

  package init(clips: Int?, workers: Int, networks: [Network], decodingSeconds: Double?) {
    self.clips = clips
    self.workers = workers
    self.networks = networks
    self.decodingSeconds = decodingSeconds
    let each = networks.reduce(decodingSeconds ?? 0) { $0 + $1.seconds }
    seconds = each * Double(clips ?? Self.usual) / Double(max(workers, 1))
  }

  /// Clips that are reckoned with where nobody knows how many there are.
  private static let usual = 1000

  /// Clips that are still to be extracted, as far as the daemon knows; nil where a source has not told enough.
  package static func clipsLeft(_ status: StatusReport) -> Int? {
    var left = Double(status.clips.pending)
    for source in status.sources where source.state != "complete" {
      guard let total = source.totalBytes, let members = source.members, source.bytes > 0 else { return nil }
      left += Double(members) * Double(max(total - source.bytes, 0)) / Double(source.bytes)
    }
    return Int(left.rounded())
  }

  package var text: String {
    var parts = networks.map { String(format: "%@ %.2f s", $0.backbone.harmless, $0.seconds) }
    if let decodingSeconds { parts.insert(String(format: "decoding %.2f s", decodingSeconds), at: 0) }
    let what = clips.map { "the \(Words.count($0, "clip")) that \($0 == 1 ? "is" : "are") left" } ?? "each 1000 clips"
    let without = decodingSeconds == nil ? "; decoding comes to that, no clip is here to measure it" : ""
    return "features of \(what): about \(Words.time(seconds)) with \(Words.count(workers, "worker"))"
      + " (a clip: \(parts.joined(separator: ", "))\(without))"
  }
}
