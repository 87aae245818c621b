/// How fast something grows, over the last minutes. Times are seconds on any steady clock.
struct RateMeter: Sendable {
  private var samples: [(time: Double, amount: Double)] = []
  private static let window = 180.0

  mutating func add(_ amount: Double, at time: Double) {
    samples.append((time, amount))
    // One sample older than the window stays, so that a slow stage has a rate at all.
    while samples.count > 2, samples[1].time < time - Self.window { samples.removeFirst() }
    if samples.count > 512 { samples = samples.enumerated().filter { $0.offset % 2 == 0 }.map(\.element) }
  }

  mutating func clear() { samples = [] }

  /// Per second; nil until there is something to go by.
  var rate: Double? {
    guard let first = samples.first, let last = samples.last, last.time - first.time >= 1, last.amount > first.amount
    else { return nil }
    return (last.amount - first.amount) / (last.time - first.time)
  }
}
