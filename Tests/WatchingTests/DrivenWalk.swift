import CLinux
import Foundation
import Synchronization
import Vocabulary
import Watching

/// A real folder and a real walk in it, turned by the test: its clock stands still until the test moves it, so that nothing
/// depends on how fast the machine is. Settling takes a thousand seconds of that clock, far more than the test takes: files
/// written by the test are fresh for the walk, however long ago that was.
final class DrivenWalk {
  static let settle = 1000.0

  /// What a walk writes to while it is turned.
  private final class Book: Sendable {
    let now = Mutex(0.0)
    let events = Mutex<[WatchEvent]>([])
  }

  let folder: URL
  private let book = Book()
  private var walk: FolderWalk

  init(_ folder: URL, mode: WatchOptions.Mode = .auto, rescan: Double = 1e9, limits: WatchOptions.Limits = .init()) {
    self.folder = folder
    var options = WatchOptions(mode: mode, settle: Self.settle, rescan: rescan)
    options.limits = limits
    walk = FolderWalk(
      root: BytePath(folder.path), options: options, clock: { [book] in book.now.withLock { $0 } },
      tell: { [book] event in book.events.withLock { $0.append(event) } })
  }

  var now: Double { book.now.withLock { $0 } }

  /// Lets the walk do what is due, and returns what it told.
  func turn() -> [WatchEvent] {
    _ = walk.turn()
    return taken()
  }

  /// Lets some time pass, and the walk do everything at the moment when it is due.
  func pass(_ seconds: Double = settle) -> [WatchEvent] {
    let end = now + seconds
    var next = walk.turn()
    while next <= end {
      // What is due at once and cannot be done yet must not keep us here for ever.
      book.now.withLock { $0 = max(next, $0 + 0.001) }
      next = walk.turn()
    }
    book.now.withLock { $0 = max(end, $0) }
    _ = walk.turn()
    return taken()
  }

  private func taken() -> [WatchEvent] {
    book.events.withLock { events in
      defer { events = [] }
      return events
    }
  }

  func url(_ name: String) -> URL { folder.appending(path: name) }

  /// `+path bytes`, `-path`, `!path: reason`, `solved path`.
  static func words(_ events: [WatchEvent]) -> [String] {
    events.compactMap(WatchFixture.words).filter { !["scanned", "pending"].contains($0) }
  }
}

/// A descriptor that a test writes through, as a copy tool does.
final class Writer {
  private var descriptor: Int32
  private let url: URL

  init(_ url: URL, truncating: Bool = false) {
    self.url = url
    descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC | (truncating ? O_TRUNC : 0), 0o644)
    precondition(descriptor >= 0, "\(url.path): \(String(cString: strerror(errno)))")
  }

  /// Something at the start, nothing behind it: sizes tell versions apart, and cost no disk.
  func write(size: Int) {
    pwrite(descriptor, "x", 1, 0)
    ftruncate(descriptor, size)
  }

  func end() {
    guard descriptor >= 0 else { return }
    close(descriptor)
    descriptor = -1
    Self.waitUntilNone(of: url)
  }

  /// Until nobody has the file open for writing. A test beside this one that starts a child has given it a copy of every
  /// descriptor until it becomes another program: till then what was closed here is open, and a walk's clock, which the test
  /// moves, does not wait. The limit of five minutes only ends a test that would hang for ever.
  static func waitUntilNone(of url: URL) {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if descriptor < 0 { return }
    defer { close(descriptor) }
    for _ in 0..<300_000 {
      if clinux_has_writer(descriptor) != 1 { return }
      usleep(1000)
    }
  }

  deinit { end() }
}

/// A file that is written through shared memory after its descriptor was closed.
final class Mapping {
  private var memory: UnsafeMutableRawPointer?
  private let url: URL
  private let size: Int

  init(_ url: URL, size: Int) {
    self.url = url
    self.size = size
    let descriptor = open(url.path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    ftruncate(descriptor, size)
    memory = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    close(descriptor)
  }

  func write() { memory?.storeBytes(of: 1, as: UInt8.self) }

  func end() {
    guard let memory else { return }
    munmap(memory, size)
    self.memory = nil
    Writer.waitUntilNone(of: url)
  }

  deinit { end() }
}
