/// Parts of a file, in order; those that touch are one.
struct RangeSet: Equatable, Sendable {
  private(set) var ranges: [Range<Int64>] = []

  init(_ ranges: [Range<Int64>] = []) { for range in ranges { insert(range) } }

  /// How far it reaches from the file's first byte without a gap.
  var prefix: Int64 { ranges.first.map { $0.lowerBound == 0 ? $0.upperBound : 0 } ?? 0 }

  var count: Int64 { ranges.reduce(0) { $0 + Int64($1.count) } }

  mutating func insert(_ range: Range<Int64>) {
    guard !range.isEmpty else { return }
    let first = ranges.firstIndex { $0.upperBound >= range.lowerBound } ?? ranges.endIndex
    let end = ranges[first...].firstIndex { $0.lowerBound > range.upperBound } ?? ranges.endIndex
    let touched = ranges[first..<end]
    let whole =
      min(
        range.lowerBound, touched.first?.lowerBound ?? range.lowerBound)..<max(
        range.upperBound, touched.last?.upperBound ?? range.upperBound)
    ranges.replaceSubrange(first..<end, with: CollectionOfOne(whole))
  }

  /// The first stretch within `bounds` that is missing; nil when there is none.
  func firstGap(in bounds: Range<Int64>) -> Range<Int64>? {
    var start = bounds.lowerBound
    for range in ranges where range.upperBound > start {
      if range.lowerBound > start {
        return start < bounds.upperBound ? start..<min(range.lowerBound, bounds.upperBound) : nil
      }
      start = range.upperBound
    }
    return start < bounds.upperBound ? start..<bounds.upperBound : nil
  }
}

extension RangeSet: Codable {
  init(from decoder: any Decoder) throws {
    let pairs = try decoder.singleValueContainer().decode([[Int64]].self)
    guard pairs.allSatisfy({ $0.count == 2 && 0 <= $0[0] && $0[0] < $0[1] }) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "no ranges"))
    }
    self.init(pairs.map { $0[0]..<$0[1] })
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(ranges.map { [$0.lowerBound, $0.upperBound] })
  }
}
