/// A limit of bytes a second over all connections: what was not used within a quarter of a second is lost.
struct Pace {
  private let limit: Double?
  private var available: Double
  private var filled: Double

  init(bytesPerSecond: Int64?, now: Double) {
    limit = bytesPerSecond.map { Double(max(1, $0)) }
    available = 0
    filled = now
  }

  var isSpent: Bool { limit != nil && available <= 0 }

  mutating func take(_ bytes: Int) { if limit != nil { available -= Double(bytes) } }

  mutating func fill(now: Double) {
    guard let limit else { return }
    available = min(limit / 4, available + limit * (now - filled))
    filled = now
  }
}

/// Bytes a second over the last seconds.
struct RateMeter {
  private var samples: [(time: Double, bytes: Int64)] = []
  private static let seconds = 5.0

  mutating func add(_ bytes: Int64, now: Double) {
    samples.append((now, bytes))
    while samples.count > 2, now - samples[1].time >= Self.seconds { samples.removeFirst() }
  }

  /// Nil until there is something to say.
  var rate: Double? {
    guard let first = samples.first, let last = samples.last, last.time - first.time >= 0.2 else { return nil }
    return Double(last.bytes - first.bytes) / (last.time - first.time)
  }
}
