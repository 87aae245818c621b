/// Which range comes next. Ranges are given out in order and not far ahead of the prefix, so that the prefix grows
/// steadily; the connection that holds it up loses its rest to a faster one.
struct Window {
  /// A range that a connection is bringing: from its next byte to its end.
  struct Claim: Equatable {
    var id: Int
    var rest: Range<Int64>
    /// Bytes a second; nil when it is too young to say.
    var rate: Double?
  }

  /// What an idle connection takes over.
  enum Relief: Equatable {
    /// The whole rest.
    case all(of: Int)
    /// What is behind this byte.
    case tail(of: Int, from: Int64)
  }

  /// Nothing beyond is asked for.
  var end: Int64
  /// Ranges are given out up to so far behind the prefix.
  var span: Int64

  static let smallest: Int64 = 1 << 20
  static let largest: Int64 = 16 << 20
  /// Seconds that one range should take.
  private static let aim = 2.0
  /// What a request costs before its first byte, in seconds.
  private static let latency = 0.25

  /// A range for a connection of this rate; nil when all within the window is there or claimed.
  func next(have: RangeSet, claims: [Claim], rate: Double?) -> Range<Int64>? {
    var taken = have
    for claim in claims { taken.insert(claim.rest) }
    let bounds = 0..<min(end, have.prefix.addingReportingOverflow(span).partialValue)
    guard !bounds.isEmpty, let gap = taken.firstGap(in: bounds) else { return nil }
    return gap.lowerBound..<min(gap.upperBound, gap.lowerBound + Self.size(rate))
  }

  static func size(_ rate: Double?) -> Int64 {
    guard let rate else { return 4 << 20 }
    return min(largest, max(smallest, Int64(min(rate * aim, 1e12))))
  }

  /// Whom an idle connection should help. Taking over must pay off for certain: the other's bytes on the way are lost.
  static func relief(claims: [Claim], rate: Double?) -> Relief? {
    guard let rate = rate ?? claims.compactMap(\.rate).max(), rate > 0 else { return nil }
    func time(_ claim: Claim) -> Double? { claim.rate.map { Double(claim.rest.count) / max($0, 1) } }
    let slowest = claims.filter { !$0.rest.isEmpty && $0.rate != nil }.max { (time($0) ?? 0) < (time($1) ?? 0) }
    guard let slowest, let theirs = time(slowest), let pace = slowest.rate else { return nil }
    let ours = Double(slowest.rest.count) / rate + latency
    if theirs > 4 * ours { return .all(of: slowest.id) }
    let tail = Int64(Double(slowest.rest.count) * rate / (rate + pace))
    guard theirs > 8 * latency, tail >= smallest else { return nil }
    return .tail(of: slowest.id, from: slowest.rest.upperBound - tail)
  }
}
