import Testing
import Vocabulary
import Watching

/// The planner over a file system that is only a table: a hundred thousand files, days of a clock that nobody waits for.
struct SettleModelTests {
  private struct File {
    var state: FileState
    var changed: Double
    /// Until when somebody writes, and at which times.
    var writes: [Double]
    var told = 0
  }

  @Test(arguments: [1, 2, 3]) func eachOfAHundredThousandFilesIsTakenOnceAndNotTooEarly(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let settle = 10.0
    var planner = SettlePlanner(settle: settle)
    var files: [File] = []
    var paths: [BytePath] = []
    for number in 0..<100_000 {
      let start = Double(random.next() % 10_000)
      let writes = (0..<(random.next() % 4)).map { _ in start + Double(random.next() % 40) }.sorted()
      files.append(File(state: Self.state(0, start), changed: start, writes: writes))
      paths.append(BytePath("d\(number % 97)/\(number).mp4"))
    }
    let byPath = Dictionary(uniqueKeysWithValues: zip(paths, files.indices))
    var early = 0
    func isOpen(_ file: File, _ now: Double) -> Bool { file.writes.contains { $0 > now } }
    func closeLook(_ index: Int, _ now: Double) {
      if isOpen(files[index], now) { return planner.hold(paths[index], files[index].state, now: now) }
      if now < files[index].changed + settle { early += 1 }
      files[index].told += 1
      _ = planner.take(paths[index], files[index].state)
    }
    let order = files.indices.sorted { files[$0].changed < files[$1].changed }
    var arriving = order.startIndex
    for tick in stride(from: 0.0, to: 12_000, by: 1) {
      while arriving < order.endIndex, files[order[arriving]].changed <= tick {
        let index = order[arriving]
        if planner.saw(paths[index], files[index].state, age: 0, now: tick) { closeLook(index, tick) }
        arriving += 1
      }
      for path in planner.takeDue(now: tick) {
        guard let index = byPath[path] else { continue }
        let last = files[index].writes.last { $0 <= tick } ?? files[index].changed
        if last > files[index].changed {
          files[index].changed = last
          files[index].state = Self.state(files[index].state.bytes + 1, last)
        }
        if planner.recheck(path, files[index].state, now: tick) { closeLook(index, tick) }
      }
    }
    #expect(early == 0)
    #expect(files.allSatisfy { $0.told == 1 })
    #expect(planner.pendingCount == 0 && planner.nextDue == nil)
    // A look through all of them finds nothing new and nothing missing.
    planner.beginLook()
    var ripe = 0
    for index in files.indices where planner.saw(paths[index], files[index].state, age: 1e6, now: 20_000) { ripe += 1 }
    #expect(ripe == 0 && planner.unseen().isEmpty)
  }

  private static func state(_ bytes: Int64, _ time: Double) -> FileState {
    FileState(bytes: bytes, modified: Int64(time), changed: Int64(time), inode: 1)
  }
}
