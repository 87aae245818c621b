internal import Backbones
internal import Control
internal import Foundation
internal import Settings
internal import Vocabulary
internal import WorkUnits

/// Which networks are installed, and what is to be known of each.
struct BackbonesCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  private struct Row: Encodable {
    var name: String
    /// Whether the configuration has it see clips.
    var used: Bool
    var width: Int?
    var taps: [Tap]?
    var sampling: Sampling?
    var digest: Digest?
    var licence: String?
    var origin: String?
    /// Of one thread on this machine.
    var secondsPerFrame: Double?
    var problem: String?

    mutating func describe(_ backbone: Backbone) {
      width = backbone.width
      taps = backbone.taps
      sampling = backbone.sampling
      digest = backbone.model
      licence = backbone.licence
      origin = backbone.origin
    }
  }

  func run() throws(CommandFailure) {
    let features = try Place(command).settings().features
    let installed = BackboneCatalog.names(in: features.backboneDirectory)
    let names = installed + features.backbones.filter { !installed.contains($0) }
    var rows: [Row] = []
    var uses: [BackboneUse] = []
    for name in names {
      var row = Row(name: name, used: features.backbones.contains(name))
      do {
        let use = try BackboneCatalog.resolve(name, features)
        uses.append(use)
        row.describe(use.backbone)
      } catch {
        row.problem = "\(error)"
      }
      rows.append(row)
    }
    for entry in try Inspection.run(InspectSpec(backbones: uses, measures: command.has("measure"))) {
      guard let index = rows.firstIndex(where: { $0.name == entry.backbone }) else { continue }
      rows[index].problem = entry.problem
      rows[index].secondsPerFrame = entry.secondsPerFrame
    }
    for row in rows { print(command.has("json") ? ControlJSON.line(row) : Self.text(row)) }
  }

  private static func text(_ row: Row) -> String {
    var lines = ["\(row.name.harmless)\(row.used ? "  (in use)" : "")"]
    if let width = row.width, let taps = row.taps, let sampling = row.sampling {
      let parts = taps.map { "\($0.name.harmless) \($0.width)" }.joined(separator: ", ")
      lines.append("features  \(width) a frame: \(parts)")
      lines.append(
        "frames    \(sampling.frames) a clip, \(Self.rate(sampling)), \(sampling.side) by \(sampling.side) pixels")
    }
    if let digest = row.digest { lines.append("sha256    \(digest)") }
    if let licence = row.licence { lines.append("licence   \(licence.harmless)") }
    if let origin = row.origin { lines.append("origin    \(origin.harmless)") }
    if let seconds = row.secondsPerFrame, let frames = row.sampling?.frames {
      lines.append(
        String(
          format: "speed     %.1f ms a frame, %.2f s a clip, on one thread", seconds * 1000, seconds * Double(frames)))
    }
    if let problem = row.problem { lines.append("problem   \(problem.harmlessLines)") }
    return lines.joined(separator: "\n  ")
  }

  private static func rate(_ sampling: Sampling) -> String {
    sampling.rateDenominator == 1
      ? "\(sampling.rateNumerator) a second" : "one in \(sampling.rateDenominator) seconds"
  }
}
