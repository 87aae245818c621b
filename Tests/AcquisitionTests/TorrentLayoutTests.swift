import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

/// Files, pieces and windows, without libtorrent.
@Suite struct TorrentLayoutTests {
  static func layout(
    _ files: [(String, Int64)], pieceLength: Int64 = 10, patterns: [String] = []
  ) throws -> TorrentLayout {
    var offset: Int64 = 0
    let entries = files.map { name, size in
      defer { offset += size }
      return TorrentEntry(path: BytePath(name), size: size, offset: offset, isPadding: name.hasPrefix(".pad"))
    }
    return try TorrentLayout(
      entries, pieceLength: pieceLength, pieceCount: Int((offset + pieceLength - 1) / pieceLength), patterns: patterns,
      name: "t")
  }

  @Test(arguments: [
    ("../up", "lies outside"), ("a/../../up", "lies outside"), ("/etc/passwd", "lies outside"), ("a//b", "empty part"),
    ("a/./b", "lies outside"), ("a/", "empty part"), ("", "empty part"), ("a\0b", "NUL"),
    (String(repeating: "x", count: 256), "too long"), (String(repeating: "x/", count: 2000) + "x", "too long"),
  ]) func aNameThatLeadsElsewhere(name: String, words: String) throws {
    let error = #expect(throws: AcquisitionError.self) { try Self.layout([("good", 1), (name, 1)]) }
    #expect(error?.isPermanent == true && error?.description.contains(words) == true, "\(String(describing: error))")
  }

  @Test(arguments: [["a", "b", "a"], ["a", "a/b"], ["a/b/c", "d", "a/b"], ["d/e", "d/e/f/g"]])
  func filesThatWouldBeOne(names: [String]) throws {
    let error = #expect(throws: AcquisitionError.self) { try Self.layout(names.map { ($0, 1) }) }
    #expect(error?.description.contains("would be one") == true)
  }

  @Test(arguments: [
    ([], ["d/a.zip", "d/b/c.zip", "d/n.txt"]), (["*.zip"], ["d/a.zip", "d/b/c.zip"]), (["a*"], ["d/a.zip"]),
    (["b/*"], ["d/b/c.zip"]), (["d/n.*"], ["d/n.txt"]), (["?.zip", "n.txt"], ["d/a.zip", "d/n.txt"]),
    (["[!a]*"], ["d/a.zip", "d/b/c.zip", "d/n.txt"]),
  ]) func patterns(patterns: [String], names: [String]) throws {
    let layout = try Self.layout([("d/n.txt", 3), ("d/b/c.zip", 3), ("d/a.zip", 3)], patterns: patterns)
    #expect(layout.files.map(\.name.display) == names)
  }

  @Test func nothingWanted() throws {
    let error = #expect(throws: AcquisitionError.self) { try Self.layout([("d/n.txt", 3)], patterns: ["*.zip"]) }
    #expect(error?.description.contains("none of its 1 files matches *.zip") == true)
  }

  @Test func theOrderIsThatOfNames() throws {
    let layout = try Self.layout([("c", 5), ("a", 20), (".pad/5", 5), ("b", 7)])
    #expect(layout.files.map(\.name.display) == ["a", "b", "c"])
    #expect(layout.files.map(\.position) == [0, 20, 27] && layout.files.map(\.offset) == [5, 30, 0])
    #expect(layout.isShuffled && layout.padding == [25..<30] && layout.total == 37)
    #expect(layout.files.map { layout.pieces(of: $0) } == [0..<3, 3..<4, 0..<1])
  }

  /// Against counting byte by byte, over many layouts and orders of arrival.
  @Test func prefixesAndBytes() throws {
    var random = SplitMix64(seed: 5)
    for _ in 0..<200 {
      let sizes = (0..<Int(1 + random.next() % 6)).map { _ in Int64(random.next() % 35) }
      let wanted = (0..<sizes.count).filter { $0 == 0 || random.next() % 4 > 0 }
      let layout = try Self.layout(
        sizes.enumerated().map { ("f\($0.offset)", $0.element + ($0.offset == 0 ? 1 : 0)) },
        pieceLength: Int64(1 + random.next() % 12), patterns: wanted.map { "f\($0)" })
      var map = PieceMap(layout)
      var here: Set<Int> = []
      while here.count < layout.pieceCount {
        let piece = Int(random.next() % UInt64(layout.pieceCount))
        here.insert(piece)
        map.insert(piece)
        let bytes = layout.files.map { file in
          file.bytes.filter { here.contains(Int($0 / layout.pieceLength)) }.count
        }
        let prefixes = layout.files.map { file in
          Int64(file.bytes.prefix { here.contains(Int($0 / layout.pieceLength)) }.count)
        }
        #expect(map.bytes == Int64(bytes.reduce(0, +)))
        #expect(layout.files.indices.map { map.prefix(of: $0) } == prefixes)
        #expect(
          map.firstIncomplete() == layout.files.indices.first { prefixes[$0] < layout.files[$0].size })
      }
      #expect(map.isComplete && map.bytes == layout.wantedBytes)
      map.replace((0..<layout.pieceCount).map { $0 == 0 })
      #expect(map.has(0) && (layout.pieceCount == 1 || !map.has(1)))
    }
  }

  private static let horizons: [(Int64, [UInt8])] = [
    (Int64.max, [4, 4, 4, 4]), (0, [0, 0, 0, 0]), (9, [0, 0, 0, 0]), (10, [4, 0, 0, 0]), (19, [4, 0, 0, 0]),
    (20, [4, 4, 0, 0]), (34, [4, 4, 4, 0]), (35, [4, 4, 4, 4]),
  ]

  @Test(arguments: horizons) func theHorizon(horizon: Int64, priorities: [UInt8]) throws {
    let layout = try Self.layout([("a", 15), ("b", 20)])
    #expect(try window(horizon, layout) == priorities)
    // The torrent has them the other way round: the piece that both share comes with the first.
    let shuffled = try Self.layout([("b", 15), ("a", 20)])
    #expect(try window(19, shuffled) == [0, 4, 0, 0] && window(20, shuffled) == [0, 4, 4, 0])
  }

  private func window(_ horizon: Int64, _ layout: TorrentLayout) throws -> [UInt8] {
    var map = PieceMap(layout)
    var demand = FetchDemand()
    demand.horizon = horizon
    return PieceWindow(horizon: PieceWindow.horizon(demand, &map), layout).priorities
  }

  /// A torrent that keeps the files in another order must not bring the last one first.
  @Test func anOrderThatIsNotTheTorrents() throws {
    let large = PieceWindow.lookahead * 2
    let layout = try Self.layout([("b", large), ("a", large)], pieceLength: 1 << 20)
    var map = PieceMap(layout)
    var demand = FetchDemand()
    demand.isInOrder = true
    let priorities = PieceWindow(horizon: PieceWindow.horizon(demand, &map), layout).priorities
    let pieces = Int(large >> 20)
    #expect(priorities[..<pieces].allSatisfy { $0 == 0 })
    #expect(priorities[pieces] == 4 && priorities[layout.pieceCount - 1] == 0)
    demand.isInOrder = false
    #expect(PieceWindow.horizon(demand, &map) == layout.wantedBytes)
  }
}
