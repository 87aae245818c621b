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
  private var running: [String: RunningUnit] = [:]
  /// Work of units that have ended, in the stage's own measure.
  private var worked = 0.0
  private var meter = RateMeter()
  private var note: String?
  /// True where `done` counts the parts of units (an extract unit's clips), false where it counts units (folds).
  private let countsParts: Bool

  init(countsParts: Bool) { self.countsParts = countsParts }

  mutating func began(_ unit: String, now: Double) {
    if running.isEmpty { meter.clear() }
    running[unit] = RunningUnit()
    meter.add(amount, at: now)
  }

  mutating func progressed(_ unit: String, _ progress: WorkProgress, now: Double) {
    guard running[unit] != nil else { return }
    running[unit]?.take(progress, now: now)
    note = progress.note ?? note
    meter.add(amount, at: now)
  }

  mutating func ended(_ unit: String, now: Double) {
    guard let last = running.removeValue(forKey: unit) else { return }
    worked += work(last.progress)
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
      secondsLeft: rate.flatMap { rate in left.map { $0 / rate } }, note: note,
      units: running.sorted { $0.key < $1.key }.map { $0.value.status($0.key) })
  }

  private var amount: Double { worked + inProgress }
  private var inProgress: Double { running.values.reduce(0) { $0 + work($1.progress) } }

  private func work(_ progress: WorkProgress) -> Double {
    if countsParts { return Double(progress.done) }
    guard let total = progress.total, total > 0 else { return 0 }
    return min(Double(progress.done) / Double(total), 1)
  }
}

/// A unit under way.
private struct RunningUnit: Sendable {
  private(set) var progress = WorkProgress(done: 0)
  /// What it told first: one that goes on where it was does not begin at nothing.
  private var first: (done: Int, at: Double)?
  private var latest = 0.0

  mutating func take(_ progress: WorkProgress, now: Double) {
    self.progress = progress
    first = first ?? (progress.done, now)
    latest = now
  }

  func status(_ name: String) -> UnitStatus {
    UnitStatus(
      name: name, done: progress.done, total: progress.total, epoch: progress.epoch?.number,
      epochs: progress.epoch?.total, logLoss: progress.epoch?.loss, secondsLeft: secondsLeft)
  }

  private var secondsLeft: Double? {
    guard let first, let total = progress.total, progress.done > first.done, latest > first.at else { return nil }
    return Double(max(total - progress.done, 0)) * (latest - first.at) / Double(progress.done - first.done)
  }
}
