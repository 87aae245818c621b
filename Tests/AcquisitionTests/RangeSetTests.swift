import Acquisition
import Foundation
import Testing
import Vocabulary

struct RangeSetTests {
  @Test(
    arguments: [
      ([0..<10, 10..<20], [0..<20]), ([5..<10, 0..<3], [0..<3, 5..<10]), ([0..<3, 5..<8, 2..<6], [0..<8]),
      ([4..<4], []), ([0..<100, 20..<30], [0..<100]), ([10..<20, 30..<40, 50..<60, 0..<70], [0..<70]),
      ([10..<20, 30..<40, 20..<30], [10..<40]),
    ] as [([Range<Int64>], [Range<Int64>])]) func touchingRangesAreOne(
      given: [Range<Int64>], wanted: [Range<Int64>]
    ) throws
  {
    let set = RangeSet(given)
    #expect(set.ranges == wanted)
    #expect(set.count == wanted.reduce(0) { $0 + Int64($1.count) })
    #expect(try CanonicalJSON.decode(RangeSet.self, from: CanonicalJSON.encode(set)) == set)
  }

  /// Against a plain array of bits.
  @Test func isWhatABitmapWouldBe() {
    var generator = SplitMix64(seed: 4)
    var set = RangeSet()
    var bits = [Bool](repeating: false, count: 200)
    for _ in 0..<300 {
      let start = Int(generator.next() % 200)
      let end = min(200, start + Int(generator.next() % 5))
      set.insert(Int64(start)..<Int64(end))
      for index in start..<end { bits[index] = true }
      #expect(set.count == bits.count { $0 })
      #expect(set.prefix == bits.firstIndex(of: false) ?? 200)
      let from = Int(generator.next() % 200)
      let gap = bits[from...].firstIndex(of: false)
      #expect(set.firstGap(in: Int64(from)..<200)?.lowerBound == gap.map(Int64.init))
      #expect(
        set.firstGap(in: Int64(from)..<200)?.upperBound == gap.map { Int64(bits[$0...].firstIndex(of: true) ?? 200) })
    }
  }

  @Test(arguments: ["[[1]]", "[[5,5]]", "[[-1,4]]", "[[9,3]]", "{}"]) func refusesWhatIsNone(json: String) {
    #expect(throws: (any Error).self) { try CanonicalJSON.decode(RangeSet.self, from: Data(json.utf8)) }
  }
}

struct WindowTests {
  private static let mega: Int64 = 1 << 20
  private let window = Window(sizes: mega...(16 * mega), end: 1000 * mega, span: 64 * mega)

  private func claim(_ id: Int, _ from: Int64, _ to: Int64, _ rate: Double?) -> Window.Claim {
    Window.Claim(id: id, rest: (from * Self.mega)..<(to * Self.mega), rate: rate)
  }

  @Test func rangesAreGivenOutInOrder() {
    let have = RangeSet([0..<(10 * Self.mega), (12 * Self.mega)..<(20 * Self.mega)])
    let fast = 1e9
    #expect(window.next(have: have, claims: [], rate: fast) == (10 * Self.mega)..<(12 * Self.mega))
    #expect(
      window.next(have: have, claims: [claim(1, 10, 12, nil)], rate: fast) == (20 * Self.mega)..<(36 * Self.mega))
  }

  @Test func nothingIsAskedForFarAheadOfThePrefix() {
    let have = RangeSet([(4 * Self.mega)..<(64 * Self.mega)])
    #expect(window.next(have: have, claims: [claim(1, 0, 4, nil)], rate: nil) == nil)
    var near = window
    near.end = 2 * Self.mega
    #expect(near.next(have: RangeSet(), claims: [], rate: 1e9) == 0..<(2 * Self.mega))
    #expect(near.next(have: RangeSet([0..<(2 * Self.mega)]), claims: [], rate: 1e9) == nil)
  }

  @Test(arguments: [(1.0, 1), (3.0 * 1_048_576, 6), (1e12, 16)]) func aRangeTakesTwoSeconds(
    rate: Double, megabytes: Int64
  ) {
    #expect(Window.size(rate, window.sizes) == megabytes * Self.mega)
  }

  @Test(
    arguments: [
      ("nobody to help", [], 1e7, nil),
      ("all are as fast", [(1, 0, 16, 1e7), (2, 16, 32, 1e7)], 1e7, nil),
      ("much slower: all of it", [(1, 0, 16, 1e5), (2, 16, 32, 1e7)], 1e7, .all(of: 1)),
      ("stalled: all of it", [(1, 0, 1, 0), (2, 16, 32, 1e7)], 1e7, .all(of: 1)),
      ("the slow do not help the fast", [(1, 0, 16, 1e7)], 1e4, nil),
      ("half as fast: a tail", [(1, 0, 30, 1e6)], 2e6, .tail(of: 1, from: 10 << 20)),
      ("nearly done", [(1, 0, 1, 1e6)], 1e6, nil),
      ("too young to say", [(1, 0, 16, nil)], 1e7, nil),
    ] as [(String, [(Int, Int64, Int64, Double?)], Double, Window.Relief?)])
  func whoIsHelped(name: String, claims: [(Int, Int64, Int64, Double?)], rate: Double, relief: Window.Relief?) {
    #expect(window.relief(claims: claims.map { claim($0.0, $0.1, $0.2, $0.3) }, rate: rate) == relief)
  }
}

struct PrivateAddressTests {
  @Test(arguments: [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
    "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "no address",
  ]) func isOfThisNetwork(address: String) { #expect(PrivateAddress.isPrivate(address)) }

  @Test(arguments: [
    "1.1.1.1", "172.32.0.1", "172.15.0.1", "192.169.0.1", "100.128.0.1", "203.0.113.7", "223.255.255.255",
    "2001:db8::1",
    "::ffff:1.1.1.1", "64:ff9b::101:101",
  ]) func isOutThere(address: String) { #expect(!PrivateAddress.isPrivate(address)) }
}
