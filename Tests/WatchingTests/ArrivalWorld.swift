import Foundation
import TestSupport
import Vocabulary
import Watching

/// Files that arrive in a watched folder in every way we know of, in an order that a seed decides, and what a watcher may
/// and must tell of them.
final class ArrivalWorld {
  /// A file that lies there whole, under a name of its own.
  struct Whole {
    /// Its size, which no other file ever has.
    var version: Int
    /// When it got its last byte or its name, on the walk's clock; nil when it had been quiet for long.
    var since: Double?
  }

  /// A file somebody still writes.
  struct Unfinished {
    var name: String
    var writer: Writer?
    var mapping: Mapping?
    var version: Int
  }

  let walk: DrivenWalk
  let pausesAreLong: Bool
  var random: SplitMix64
  var whole: [String: Whole] = [:]
  /// Those of `whole`, some that are gone, and some twice: to draw one by lot without looking at all.
  private var names: [String] = []
  var unfinished: [Unfinished] = []
  /// How often a file with this name and size was put there: it may be told so often.
  private var chances: [String: Int] = [:]
  private var told: [String: Int] = [:]
  private(set) var mistakes: [String] = []
  private(set) var arrived = 0
  private var count = 0
  private let outside: URL

  init(_ walk: DrivenWalk, pausesAreLong: Bool, seed: UInt64) throws {
    self.walk = walk
    self.pausesAreLong = pausesAreLong
    random = SplitMix64(seed: seed)
    outside = walk.folder.deletingLastPathComponent().appending(path: "outside")
    try FileManager.default.createDirectory(at: outside, withIntermediateDirectories: true)
    try WatchFixture.write(outside.appending(path: "secret.mp4"), 3)
  }

  // MARK: names

  func number(below limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

  private func next() -> Int {
    count += 1
    return count
  }

  /// A name that was never used, in one of a few folders of some depth.
  func newName(_ ending: String = ".mp4") -> String {
    let folders = ["", "site 1/", "site 1/cam/", "Taï/", "a/b/c/d/"]
    let folder = folders[number(below: folders.count)]
    try? FileManager.default.createDirectory(at: walk.url(folder), withIntermediateDirectories: true)
    return "\(folder)clip-\(next())\(ending)"
  }

  /// A file that lies there whole, or nil.
  func anyWhole() -> String? {
    while !names.isEmpty {
      let place = number(below: names.count)
      if whole[names[place]] != nil { return names[place] }
      names.swapAt(place, names.count - 1)
      names.removeLast()
    }
    return nil
  }

  private func old(_ url: URL) {
    var times = [timeval(tv_sec: 1_000_000, tv_usec: 0), timeval(tv_sec: 1_000_000, tv_usec: 0)]
    utimes(url.path, &times)
  }

  /// A finished file elsewhere, its size being its version.
  func outsider(isOld: Bool) -> (url: URL, version: Int) {
    let version = next()
    let url = outside.appending(path: "file-\(version)")
    let writer = Writer(url)
    writer.write(size: version)
    writer.end()
    if isOld { old(url) }
    return (url, version)
  }

  // MARK: what is true from now on

  func landed(_ name: String, _ version: Int, isOld: Bool = false) {
    whole[name] = Whole(version: version, since: isOld ? nil : walk.now)
    names.append(name)
    chances["\(name) \(version)", default: 0] += 1
    arrived += 1
  }

  func left(_ name: String) { whole[name] = nil }

  func begin(_ name: String, writer: Writer? = nil, mapping: Mapping? = nil, version: Int) {
    left(name)
    unfinished.append(Unfinished(name: name, writer: writer, mapping: mapping, version: version))
  }

  func newVersion() -> Int { next() }
  /// The size of something that is not whole: no version is as large.
  func partialSize() -> Int { 10_000_000 + next() }

  // MARK: judging the watcher

  func pass(_ seconds: Double) { judge(walk.pass(seconds)) }
  func turn() { judge(walk.turn()) }

  private func judge(_ events: [WatchEvent]) {
    for event in events {
      switch event {
      case .settled(let arrival): judge(arrival.path.display, Int(arrival.bytes))
      case .vanished(_, let path):
        let name = path.display
        if told.removeValue(forKey: name) == nil { mistakes.append("\(name) vanished and was never there") }
      default: break
      }
    }
  }

  private func judge(_ name: String, _ version: Int) {
    guard let file = whole[name], file.version == version else {
      return mistakes.append("\(name) was told with \(version) bytes and is \(String(describing: whole[name]))")
    }
    if told[name] == version { mistakes.append("\(name) was told twice") }
    if let since = file.since, walk.now < since + DrivenWalk.settle {
      mistakes.append("\(name) was told after \(walk.now - since) seconds")
    }
    told[name] = version
    chances["\(name) \(version)", default: 0] -= 1
    if chances["\(name) \(version)", default: 0] < 0 { mistakes.append("\(name) was told once too often") }
  }

  /// Lets everything settle, and compares what was told with what lies there.
  func end() {
    while let file = unfinished.popLast() { finish(file) }
    pass(4 * DrivenWalk.settle)
    for (name, file) in whole where told[name] != file.version {
      mistakes.append("\(name) (\(file.version)) was told as \(told[name].map(String.init) ?? "nothing")")
    }
    for name in told.keys where whole[name] == nil { mistakes.append("\(name) is gone and was not told so") }
  }

  func finish(_ file: Unfinished) {
    file.mapping?.write()
    file.mapping?.end()
    file.writer?.write(size: file.version)
    file.writer?.end()
    // What is written to shared memory need not show in how the file looks.
    landed(file.name, file.version, isOld: file.mapping != nil)
  }

  /// Time passes while writers pause; where only looking helps they must not pause for longer than the time of settling.
  func idle() {
    if pausesAreLong { return pass(Double(number(below: 3000))) }
    for _ in 0..<number(below: 4) {
      for file in unfinished { file.writer?.write(size: partialSize()) }
      pass(DrivenWalk.settle / 3)
    }
    for file in unfinished { file.writer?.write(size: partialSize()) }
  }
}
