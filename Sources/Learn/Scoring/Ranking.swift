/// Clips from the most to the least probable, with the equally probable ones together: a threshold cannot part them.
struct Ranking {
  /// Equals in order of clip.
  let clips: [Int]
  /// Where each run of equals ends in `clips`.
  let ends: [Int]

  /// - Parameter values: not negative.
  init(_ values: [Double]) {
    // Bit patterns of positive numbers are in their order; adding 0 makes -0 positive.
    let keys = values.map { ~($0 + 0).bitPattern }
    let clips = Self.sorted(keys)
    self.clips = clips
    ends = clips.indices.filter { $0 + 1 == clips.count || keys[clips[$0]] != keys[clips[$0 + 1]] }.map { $0 + 1 }
  }

  /// Places of the keys, the least key first, equals in order. A radix sort by bytes from the last: sorting is most of
  /// what a ranking costs, and with 200,000 clips this takes a tenth of a comparing sort's time.
  private static func sorted(_ keys: [UInt64]) -> [Int] {
    var places = Array(keys.indices)
    var next = places
    for shift in stride(from: 0, to: 64, by: 8) {
      var starts = [Int](repeating: 0, count: 257)
      for key in keys { starts[Int(key >> shift & 255) + 1] += 1 }
      if starts.contains(keys.count) { continue }  // All share this byte.
      for digit in 1...256 { starts[digit] += starts[digit - 1] }
      for place in places {
        let digit = Int(keys[place] >> shift & 255)
        next[starts[digit]] = place
        starts[digit] += 1
      }
      swap(&places, &next)
    }
    return places
  }
}
