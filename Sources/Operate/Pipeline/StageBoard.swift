internal import Control
internal import Foundation
internal import WorkUnits

/// One stage as `status` shows it.
struct StageBoard: Sendable {
  var done = 0
  var total: Int?
  /// Units that failed since the start; for `extract` the clips that cannot be decoded.
  var failed = 0
  /// Units made since the start: 0 where everything was found done.
  var made = 0
  private var running: [String: WorkProgress] = [:]
  /// Work of units that have ended, in the stage's own measure.
  private var worked = 0.0
  private var meter = RateMeter()
  private var note: String?
  /// True where `done` counts the parts of units (an extract unit's clips), false where it counts units (folds).
  private let countsParts: Bool

  init(countsParts: Bool) { self.countsParts = countsParts }

  mutating func began(_ unit: String, now: Double) {
    if running.isEmpty { meter.clear() }
    running[unit] = WorkProgress(done: 0)
    meter.add(amount, at: now)
  }

  mutating func progressed(_ unit: String, _ progress: WorkProgress, now: Double) {
    guard running[unit] != nil else { return }
    running[unit] = progress
    note = progress.note ?? note
    meter.add(amount, at: now)
  }

  mutating func ended(_ unit: String, now: Double) {
    guard let last = running.removeValue(forKey: unit) else { return }
    worked += work(last)
    if running.isEmpty { note = nil }
    meter.add(amount, at: now)
  }

  var isRunning: Bool { !running.isEmpty }

  func status(_ stage: Stage) -> StageStatus {
    let exact = Double(done) + inProgress
    let rate = isRunning ? meter.rate : nil
    let left = total.map { max(Double($0) - exact, 0) }
    return StageStatus(
      name: stage.rawValue, done: min(Int(exact), total ?? .max), total: total, failed: failed, running: running.count,
      made: made, unitsPerMinute: rate.map { $0 * 60 },
      secondsLeft: rate.flatMap { rate in left.map { $0 / rate } }, note: note)
  }

  private var amount: Double { worked + inProgress }
  private var inProgress: Double { running.values.reduce(0) { $0 + work($1) } }

  private func work(_ progress: WorkProgress) -> Double {
    if countsParts { return Double(progress.done) }
    guard let total = progress.total, total > 0 else { return 0 }
    return min(Double(progress.done) / Double(total), 1)
  }
}
