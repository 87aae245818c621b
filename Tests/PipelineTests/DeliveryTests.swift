import Pipeline
import Testing
import Vocabulary

@Suite struct DeliveryTests {
  static let cases: [(names: [BytePath], deliveries: [Delivery])] = [
    ([], []),
    (["raw.tar"], [.archive(parts: [0], isStreamable: true)]),
    (["Raw.TAR.GZ"], [.archive(parts: [0], isStreamable: true)]),
    (
      ["micro.tgz", "a.tar.zst"], [.archive(parts: [0], isStreamable: true), .archive(parts: [1], isStreamable: true)]
    ),
    (["raw.zip"], [.archive(parts: [0], isStreamable: false)]),
    (["raw.7z"], [.archive(parts: [0], isStreamable: false)]),
    // An address that ends in no name: what is in it will show.
    (["download"], [.archive(parts: [0], isStreamable: false)]),
    (["README.txt", "checksums"], []),
    (["README.txt", "a.mp4", "b/C.AVI"], [.clip(1), .clip(2)]),
    (["x.part02", "x.part01"], [.archive(parts: [1, 0], isStreamable: false)]),
    (["x.tar.001", "x.tar.002", "x.tar.010"], [.archive(parts: [0, 1, 2], isStreamable: false)]),
    (["x.7z.001", "x.7z.002"], [.archive(parts: [0, 1], isStreamable: false)]),
    (["x.zip", "x.z02", "x.z01"], [.archive(parts: [2, 1, 0], isStreamable: false)]),
    (["x.part2.rar", "x.part10.rar", "x.part1.rar"], [.archive(parts: [2, 0, 1], isStreamable: false)]),
    (["x.r00", "x.r01", "x.rar"], [.archive(parts: [2, 0, 1], isStreamable: false)]),
    (["one.zip", "two.zip"], [.archive(parts: [0], isStreamable: false), .archive(parts: [1], isStreamable: false)]),
    (
      ["a.001", "b.001", "a.002"],
      [.archive(parts: [0, 2], isStreamable: false), .archive(parts: [1], isStreamable: false)]
    ),
    // A lone first volume of a tar that was never split.
    (["x.tar.001"], [.archive(parts: [0], isStreamable: true)]),
    (["clip.mp4"], [.clip(0)]),
    (["clips/x.tar", "clips/y.mp4", "notes.md"], [.archive(parts: [0], isStreamable: true), .clip(1)]),
  ]

  @Test(arguments: cases) func namesTell(names: [BytePath], deliveries: [Delivery]) {
    #expect(Delivery.sorted(names) == deliveries)
  }
}
