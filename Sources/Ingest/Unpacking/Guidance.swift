internal import WorkUnits

/// What the daemon has said so far: how much of the archive may be read, how many batches are published.
final class Guidance {
  private let source: any InstructionSource
  /// Nil when all of the archive is there; it stays so.
  private var available: Int64?
  private(set) var acknowledged: Int
  /// Called when more of the archive may be read.
  var onChange: () -> Void = {}

  init(_ source: any InstructionSource, isGrowing: Bool, acknowledged: Int) {
    self.source = source
    self.acknowledged = acknowledged
    available = isGrowing ? 0 : nil
  }

  var isWhole: Bool { available == nil }

  /// Bytes that may be read of an archive that has `total` of them now.
  func limit(of total: Int64) -> Int64 { min(available ?? total, total) }

  /// Takes what has been said since, without waiting.
  func look() throws { take(try source.newest(isWaiting: false)) }

  /// Waits until something is said.
  func wait() throws { take(try source.newest(isWaiting: true)) }

  private func take(_ instruction: WorkInstruction?) {
    guard let instruction else { return }
    acknowledged = max(acknowledged, instruction.acknowledged)
    if available == nil { return }
    available = instruction.available
    onChange()
  }
}
