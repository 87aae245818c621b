internal import Vocabulary

/// A stage as people read it, on a terminal and on the dashboard.
package struct StageFigures: Sendable {
  package var name: String
  package var done: String
  package var failed: String
  package var rate: String
  package var left: String
  /// How full its bar is, 0 to 1; nil for none.
  package var share: Double?
  package var hasFailed: Bool

  /// What stands above the columns.
  package static let head = StageFigures(
    name: "stage", done: "done", failed: "failed", rate: "rate", left: "left", share: nil, hasFailed: false)
}

extension StatusReport {
  package var stageFigures: [StageFigures] { stages.map { $0.name == "download" ? download($0) : figures($0) } }

  private func figures(_ stage: StageStatus) -> StageFigures {
    StageFigures(
      name: stage.name, done: "\(stage.done)\(stage.total.map { " of \($0)" } ?? "")", failed: "\(stage.failed)",
      rate: stage.unitsPerMinute.map { Words.rate(perMinute: $0) } ?? "", left: stage.secondsLeft.map(Words.time) ?? "",
      share: stage.total.flatMap { $0 > 0 ? min(Double(stage.done) / Double($0), 1) : nil },
      hasFailed: stage.failed > 0)
  }

  /// Few sources and many bytes: how many are whole says little while one arrives.
  private func download(_ stage: StageStatus) -> StageFigures {
    var figures = figures(stage)
    let totals = sources.compactMap(\.totalBytes)
    let total = totals.reduce(0, +)
    if totals.count == sources.count, total > 0 {
      figures.share = min(Double(sources.reduce(0) { $0 + $1.bytes }) / Double(total), 1)
    }
    figures.left = sources.compactMap(\.secondsLeft).max().map(Words.time) ?? figures.left
    let speed = sources.compactMap(\.bytesPerSecond).reduce(0, +)
    figures.rate = speed > 0 ? "\(Words.bytes(Int64(speed)))/s" : ""
    return figures
  }
}

extension SourceStatus {
  /// Its state, and what is known of it, a few words each.
  package var figures: [String] {
    var parts = [state]
    if bytes > 0 { parts.append(Words.bytes(bytes) + (totalBytes.map { " of \(Words.bytes($0))" } ?? "")) }
    if let rate = bytesPerSecond { parts.append("\(Words.bytes(Int64(rate)))/s") }
    if let left = secondsLeft { parts.append("\(Words.time(left)) left") }
    if let mirrors { parts.append(Words.count(mirrors, "mirror")) }
    if let peers { parts.append(Words.count(peers, "peer") + (seeds.map { ", \(Words.count($0, "seed"))" } ?? "")) }
    if let rate = uploadBytesPerSecond, rate >= 1 { parts.append("\(Words.bytes(Int64(rate)))/s up") }
    if let prefixBytes, prefixBytes < bytes { parts.append("whole up to \(Words.bytes(prefixBytes))") }
    if let members { parts.append("\(Words.count(members, "file")) unpacked") }
    if let rejects, rejects > 0 { parts.append("\(rejects) left out") }
    return parts
  }
}

extension ClipCounts {
  /// How many are in which state; what there is none of is left out.
  package var figures: [String] {
    var parts = ["\(decoded) decoded"]
    if partial > 0 { parts.append("\(partial) in part") }
    if unreadable > 0 { parts.append("\(unreadable) unreadable") }
    if pending > 0 { parts.append("\(pending) waiting") }
    return parts
  }
}
