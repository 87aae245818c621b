import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

/// One source of one kind, as `FetcherConformance` sees it. `init` makes the source; what serves it lives as long as the value.
protocol FetcherSubject: Sendable {
  init(in directory: URL) async throws

  /// What must arrive: names and bytes, in the order of the status. 4 MiB or more, so that there is a middle.
  var files: [(name: String, bytes: [UInt8])] { get }
  /// The checks that make no sense for this kind, each with the reason.
  static var exempt: [FetcherCheck: String] { get }

  func fetcher() throws -> any Fetcher
  /// Slows the source down to something like 512 KiB/s, so that an interruption hits the middle on a busy machine too, or
  /// lets it go as fast as it can. Kinds that cannot change it are slow from the beginning.
  func throttle(_ isSlow: Bool) async throws
  /// The same source for `FetchProbe`: what follows the directory.
  var probe: [String] { get }
  /// Takes the source away, and gives it back.
  func vanish() async throws
  func comeBack() async throws
  /// From now on corrupt bytes are offered too (or only: then `isCured` is false and the fetch must be refused).
  func corrupt() async throws
  static var isCured: Bool { get }
}

/// What every fetcher must do; each case is one test.
enum FetcherCheck: String, CaseIterable, CustomTestStringConvertible, Sendable {
  case completes = "completes, says so, and does nothing the second time"
  case resumes = "goes on after kill -9 at many points"
  case vanishes = "waits for a source that vanishes and comes back"
  case full = "a full disk is told, and what is there stays good"
  case corrupt = "corrupt bytes are never handed out as whole"
  case cancels = "ends when it is cancelled, before it is whole, and goes on later"
  case pauses = "brings nothing while it is paused"
  case horizon = "brings nothing beyond the horizon"

  var testDescription: String { rawValue }

  func run<Subject: FetcherSubject>(_ kind: Subject.Type) async throws {
    if Subject.exempt[self] != nil { return }
    try await Scratch.with { directory in
      let subject = try await Subject(in: directory)
      let place = BytePath(directory.appending(path: "place").path)
      let check = FetcherConformance(subject: subject, directory: directory, place: place)
      switch self {
      case .completes: try await check.completes()
      case .resumes: try await check.resumes()
      case .vanishes: try await check.vanishes()
      case .full: try await check.full()
      case .corrupt: try await check.corrupt()
      case .cancels: try await check.cancels()
      case .pauses: try await check.pauses()
      case .horizon: try await check.horizon()
      }
    }
  }
}

struct FetcherConformance<Subject: FetcherSubject> {
  let subject: Subject
  let directory: URL
  let place: BytePath

  /// Seconds until a test that waits for something says that it does not come.
  private static var patience: Duration { .seconds(60) }

  func completes() async throws {
    let watch = FetchWatch(files: subject.files)
    let files = try await fetch(watch)
    expectWhole(files)
    #expect(watch.last.completed == files)
    #expect(watch.last.bytes == total && watch.last.total == total)
    let identities = Dictionary(uniqueKeysWithValues: watch.last.files.map { ($0.name, $0.identity) })
    for file in files { #expect(identities[file.name] == file.identity) }
    // Again: at once, with the same answer, also where the source is gone.
    if Subject.exempt[.vanishes] == nil { try await subject.vanish() }
    #expect(try await fetch(FetchWatch(files: subject.files)) == files)
  }

  func resumes() async throws {
    try await subject.throttle(true)
    var generator = SplitMix64(seed: 7)
    for _ in 0..<6 {
      let seconds = 0.15 + Double(generator.next() % 400) / 1000
      if try await FetchProbe.run(place, subject.probe, seconds: seconds) != .killed { break }
    }
    try await subject.throttle(false)
    expectWhole(try await fetch(FetchWatch(files: subject.files)))
  }

  func vanishes() async throws {
    try await subject.throttle(true)
    let watch = FetchWatch(files: subject.files)
    // However late this test is, the fetch is not whole.
    watch.flow.demand.horizon = total / 2
    let fetching = Task { try await fetch(watch) }
    try await watch.wait { $0.bytes > 0 }
    try await subject.vanish()
    watch.flow.demand.horizon = .max
    // One that is under way may still tell of the horizon.
    try await watch.wait(reports: 2)
    try await watch.wait { $0.bytesPerSecond == nil && $0.note != nil }
    try await subject.comeBack()
    try await subject.throttle(false)
    expectWhole(try await fetching.value)
  }

  func full() async throws {
    let small = try SmallDisk(in: directory, bytes: 2 << 20)
    let flow = FetchFlow()
    let fetcher = try subject.fetcher()
    do {
      _ = try await fetcher.fetch(into: small.path, flow: flow)
      Issue.record("a disk of 2 MiB took it all")
    } catch let error as AcquisitionError {
      #expect(!error.isPermanent, "\(error)")
      #expect(error.description.contains(small.path.display), "\(error)")
    }
    try small.grow(bytes: total * 2 + (8 << 20))
    let watch = FetchWatch(files: subject.files)
    let files = try await watch.during { try await subject.fetcher().fetch(into: small.path, flow: $0) }
    expectWhole(files)
  }

  func corrupt() async throws {
    try await subject.corrupt()
    // What is not verified may be wrong until the end.
    let watch = FetchWatch(files: subject.files, trusts: false)
    if Subject.isCured { return expectWhole(try await fetch(watch)) }
    await #expect(throws: AcquisitionError.self) { try await fetch(watch) }
    #expect(watch.last.completed == nil)
  }

  func cancels() async throws {
    try await subject.throttle(true)
    let watch = FetchWatch(files: subject.files)
    // However late this test is, the fetch is not whole.
    watch.flow.demand.horizon = total / 2
    let fetching = Task { try await fetch(watch) }
    try await watch.wait { $0.bytes > 0 }
    fetching.cancel()
    await #expect(throws: CancellationError.self) { try await fetching.value }
    try await subject.throttle(false)
    expectWhole(try await fetch(FetchWatch(files: subject.files)))
  }

  func pauses() async throws {
    let watch = FetchWatch(files: subject.files)
    watch.flow.demand.isPaused = true
    let fetching = Task { try await fetch(watch) }
    // Ten reports of a paused fetcher: it has had every chance.
    try await watch.wait(reports: 10)
    #expect(watch.last.bytes == 0)
    #expect(bytesOnDisk() < 1 << 16)
    watch.flow.demand.isPaused = false
    expectWhole(try await fetching.value)
  }

  func horizon() async throws {
    let limit = total / 3
    let watch = FetchWatch(files: subject.files)
    watch.flow.demand.horizon = limit
    watch.flow.demand.isInOrder = true
    let fetching = Task { try await fetch(watch) }
    try await watch.wait { $0.bytes > 0 }
    try await watch.wait(reports: 10)
    #expect(watch.last.bytes <= limit)
    #expect(bytesOnDisk() <= limit + 1 << 20)
    watch.flow.demand.horizon = .max
    expectWhole(try await fetching.value)
  }

  private var total: Int64 { subject.files.reduce(0) { $0 + Int64($1.bytes.count) } }

  @discardableResult
  private func fetch(_ watch: FetchWatch) async throws -> [FetchedFile] {
    try await watch.during { try await subject.fetcher().fetch(into: place, flow: $0) }
  }

  private func expectWhole(_ files: [FetchedFile]) {
    #expect(files.map(\.name.display) == subject.files.map(\.name))
    for (file, wanted) in zip(files, subject.files) {
      let digest = FileManager.default.contents(atPath: file.path.display).map { Digest(of: $0) }
      #expect(digest == Digest(of: wanted.bytes), "\(wanted.name) is not what was served")
      #expect(file.bytes == Int64(wanted.bytes.count))
    }
  }

  /// Blocks in use below the place; a sparse file counts for what it holds.
  private func bytesOnDisk() -> Int64 {
    let walk = FileManager.default.enumerator(atPath: place.display)
    var sum: Int64 = 0
    while let name = walk?.nextObject() as? String {
      var status = stat()
      let path = place.appending(name)
      if path.withCString({ lstat($0, &status) }) == 0, status.st_mode & S_IFMT == S_IFREG {
        sum += Int64(status.st_blocks) * 512
      }
    }
    return sum
  }
}
