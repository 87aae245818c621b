import FrameExchange
import Testing
import Vocabulary
import WorkUnits

/// Files put together box by box, as an encoder that was taken over might.
@Suite struct MicroClipTests {
  private static let format = MicroFormat(
    sampling: Sampling(rateNumerator: 2, frames: 4, side: 16), rateFactor: 23, pixelBudget: 0)

  private static func number(_ value: Int) -> [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) } }

  private static func box(_ type: String, _ content: [UInt8] = [], size: Int? = nil) -> [UInt8] {
    number(size ?? content.count + 8) + Array(type.utf8) + content
  }

  private static func sizes(_ sizes: [Int], all: Int = 0, count: Int? = nil) -> [UInt8] {
    box("stsz", number(0) + number(all) + number(count ?? sizes.count) + sizes.flatMap(number))
  }

  private static func track(_ table: [UInt8]) -> [UInt8] {
    box("trak", box("tkhd") + box("mdia", box("minf", box("stbl", box("stsd") + table))))
  }

  private static func movie(_ inside: [UInt8]) -> [UInt8] { box("moov", box("mvhd", [1, 2]) + inside) }

  private static let head = box("ftyp", Array("isom".utf8))
  private static let data = box("mdat", [1, 2, 3, 4, 5, 6])

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var bytes: [UInt8]
    var facts: MicroFacts?
    var testDescription: String { name }
  }

  private static func good(_ name: String, _ bytes: [UInt8], frames: Int, bitRate: Int64) -> Case {
    Case(name: name, bytes: bytes, facts: MicroFacts(bytes: bytes.count, frames: frames, bitRate: bitRate))
  }

  static let cases = [
    good("as it should be", head + box("free") + data + movie(track(sizes([1, 2, 3]))), frames: 3, bitRate: 32),
    good("all of one size", head + data + movie(track(sizes([], all: 3, count: 2))), frames: 2, bitRate: 48),
    good("the index first", head + movie(track(sizes([6]))) + data, frames: 1, bitRate: 96),
    Case(name: "nothing", bytes: []),
    Case(name: "other bytes", bytes: Array(repeating: 7, count: 100)),
    Case(name: "no head", bytes: data + movie(track(sizes([6])))),
    Case(name: "no data", bytes: head + movie(track(sizes([6])))),
    Case(name: "no index", bytes: head + data),
    Case(name: "two data", bytes: head + data + data + movie(track(sizes([6])))),
    Case(name: "two tracks", bytes: head + data + movie(track(sizes([6])) + track(sizes([6])))),
    Case(name: "a box nobody makes", bytes: head + box("uuid", [1]) + data + movie(track(sizes([6])))),
    Case(name: "bytes behind it", bytes: head + data + movie(track(sizes([6]))) + [0]),
    Case(name: "cut off", bytes: (head + data + movie(track(sizes([6])))).dropLast()),
    Case(name: "a box longer than the file", bytes: head + box("mdat", [1], size: 1000)),
    Case(name: "a box shorter than itself", bytes: head + box("mdat", [1], size: 4)),
    Case(name: "a box that ends with the file", bytes: head + movie(track(sizes([6]))) + box("mdat", [1], size: 0)),
    Case(name: "sizes that are not the data's", bytes: head + data + movie(track(sizes([1, 2])))),
    Case(name: "sizes beyond all data", bytes: head + data + movie(track(sizes([0xFFFF_FFFF, 6])))),
    Case(name: "no frames", bytes: head + box("mdat") + movie(track(sizes([])))),
    Case(name: "too many frames", bytes: head + data + movie(track(sizes([1, 1, 1, 1, 2])))),
    Case(name: "more sizes than there are", bytes: head + data + movie(track(sizes([6], count: 2)))),
    Case(
      name: "a great many of one size",
      bytes: head + data + movie(track(sizes([], all: 0xFFFF_FFFF, count: 0xFFFF_FFFF)))),
    Case(name: "a table cut off", bytes: head + data + movie(track(box("stsz", [0, 0, 0, 0, 0, 0, 0])))),
    Case(name: "no table", bytes: head + data + movie(track([]))),
    Case(
      name: "too large",
      bytes: head + box("mdat", Array(repeating: 0, count: 20_000)) + movie(track(sizes([20_000])))),
  ]

  @Test(arguments: cases) func onlyWhatAddsUpIsTaken(_ example: Case) {
    #expect(MicroClip(example.bytes, format: Self.format)?.facts == example.facts)
  }

  @Test func theFingerprintFollowsTheFormat() {
    var other = Self.format
    other.rateFactor += 1
    #expect(other.fingerprint != Self.format.fingerprint)
    // Under it micro clips of deleted clips are filed: changing it loses them.
    #expect(MicroFormat.standard.fingerprint.name == "98081a7fdacfc171")
  }
}
