package import Control
internal import Foundation
internal import Vocabulary

struct ClipCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    guard let name = command.words.first else {
      throw CommandFailure(.usage, "clip wants a name: a path, the end of one, or the beginning of a SHA-256")
    }
    let clip = try Place(command).ask { client throws(ControlClient.Failure) in try client.clip(name) }
    if command.has("json") { return print(ControlJSON.line(clip)) }
    for line in ClipText.lines(clip) { print(line) }
  }
}

/// `primatrixctl clip` for people.
package enum ClipText {
  /// Scores shown, the most probable ones.
  private static let scoresShown = 5

  package static func lines(_ clip: ClipDetail) -> [String] {
    var lines = ["clip \(clip.clip.harmless)"]
    func add(_ name: String, _ text: String) { lines.append("  \(name.padded(10))\(text.harmless)") }
    add("state", clip.state + (clip.reason.map { ": \($0)" } ?? ""))
    add("size", Words.bytes(clip.bytes))
    if clip.files.isEmpty { add("file", "none any more") }
    for file in clip.files { add("file", Self.file(file)) }
    if let video = clip.video { add("video", Self.video(video)) }
    add("features", features(clip))
    add("labels", labels(clip))
    if let scores = clip.scores { add("scores", Self.scores(scores, run: clip.run)) }
    return lines
  }

  private static func file(_ file: ClipDetail.File) -> String {
    var parts = [file.source.map { "from source \($0)" } ?? "in a watched folder"]
    parts.append("modified \(file.modified.formatted(.iso8601))")
    if file.isProvisional { parts.append("its archive is not checked yet") }
    if !file.isPresent { parts.append("removed by retention") }
    return "\(file.path.display) (\(parts.joined(separator: ", ")))"
  }

  private static func video(_ video: ClipDetail.Video) -> String {
    var parts = [
      "\(video.codec) in \(video.container)", "\(video.width) by \(video.height) pixels",
      String(format: "%.2f frames a second", video.frameRate), String(format: "%.1f s", video.duration),
    ]
    if let rate = video.bitRate { parts.append(String(format: "%.2f Mbit/s", Double(rate) / 1e6)) }
    parts.append(video.hasAudio ? "with sound" : "without sound")
    if let captured = video.captured { parts.append("captured \(captured.formatted(.iso8601))") }
    return parts.joined(separator: ", ")
  }

  private static func features(_ clip: ClipDetail) -> String {
    let there = clip.features.filter(\.isThere).map(\.backbone) + (clip.hasMicroClip ? ["micro clip"] : [])
    let missing = clip.features.filter { !$0.isThere }.map(\.backbone) + (clip.hasMicroClip ? [] : ["micro clip"])
    let verb = clip.state == "unreadable" ? "without" : "waits for"
    return [
      there.isEmpty ? nil : there.joined(separator: ", "),
      missing.isEmpty ? nil : "\(verb) \(missing.joined(separator: ", "))",
    ].compactMap(\.self).joined(separator: "; ")
  }

  private static func labels(_ clip: ClipDetail) -> String {
    guard let labels = clip.labels else { return "none" }
    let fold = clip.fold.map { ", judged by the models that were trained without fold \($0)" } ?? ""
    return (labels.isEmpty ? "none of the classes" : labels.joined(separator: ", ")) + fold
  }

  private static func scores(_ scores: [ClipDetail.Score], run: String?) -> String {
    let best = scores.enumerated().sorted { ($1.element.probability, $0.offset) < ($0.element.probability, $1.offset) }
    let shown = best.prefix(scoresShown).map { String(format: "%@ %.3f", $0.element.name, $0.element.probability) }
    let more = scores.count - shown.count
    return shown.joined(separator: ", ") + (more > 0 ? ", \(more) more below" : "") + (run.map { " (run \($0))" } ?? "")
  }
}
