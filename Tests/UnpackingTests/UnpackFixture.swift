import CArchive
import Foundation
import TestSupport
import Testing
import Unpacking
import Vocabulary
import WorkUnits

/// A place to unpack in: everything beside `output` must be the same afterwards.
struct UnpackFixture {
  let directory: URL
  var archive: URL { directory.appending(path: "archive") }
  var output: URL { directory.appending(path: "work/output") }
  /// Where the daemon puts what is published.
  var clips: URL { directory.appending(path: "work/clips") }
  var reports: URL { directory.appending(path: "work/reports") }

  static func with<Result>(_ body: (UnpackFixture) throws -> Result) throws -> Result {
    try Scratch.with { directory in
      let fixture = UnpackFixture(directory: directory)
      for folder in [fixture.output, fixture.clips, fixture.reports] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      }
      try Data("a neighbour".utf8).write(to: directory.appending(path: "work/neighbour"))
      return try body(fixture)
    }
  }

  /// Unpacks, and proves that nothing outside came, went or changed, and that inside lies what the reports say.
  @discardableResult
  func unpack(
    _ limits: UnpackLimits = UnpackLimits(), parts: [URL]? = nil, allowsRAR: Bool = false,
    batchBytes: Int64 = 256 << 20
  ) throws -> Unpacked {
    let spec = spec(parts: parts, limits: limits, batchBytes: batchBytes, allowsRAR: allowsRAR)
    let daemon = FakeDaemon(spec, in: self)
    let before = try outside()
    defer { #expect((try? outside()) == before, "something outside has changed") }
    try daemon.work()
    return try daemon.unpacked()
  }

  func spec(
    parts: [URL]? = nil, isGrowing: Bool = false, limits: UnpackLimits = UnpackLimits(), batchBytes: Int64 = 256 << 20,
    allowsRAR: Bool = false
  ) -> UnpackSpec {
    UnpackSpec(
      parts: (parts ?? [archive]).map { BytePath($0.path) }, isGrowing: isGrowing, reports: BytePath(reports.path),
      limits: limits, batchBytes: batchBytes, allowsRAR: allowsRAR)
  }

  /// Members whose content is that of `contents`, by name.
  func expect(_ report: Unpacked, holds contents: [String: [UInt8]]) {
    let wanted = contents.map { "\($0.key) \(Digest(of: $0.value))" }.sorted()
    #expect(report.members.map { "\($0.path) \($0.digest)" }.sorted() == wanted)
  }

  private func outside() throws -> [String] {
    try Self.tree(directory, leavingOut: ["work/output", "work/clips", "work/reports"])
  }

  /// Every entry by its bytes: links by their target, files by their content.
  static func tree(_ root: URL, leavingOut hidden: [BytePath] = []) throws -> [String] {
    var entries: [String] = []
    func visit(_ path: BytePath, _ relative: BytePath) throws {
      guard let stream = path.withCString({ opendir($0) }) else { throw POSIXError(.EIO) }
      defer { closedir(stream) }
      while let entry = readdir(stream) {
        let name = BytePath(bytes: withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) })
        if name == "." || name == ".." { continue }
        let (child, shown) = (path.appending(name), relative.appending(name))
        if hidden.contains(shown) { continue }
        var status = stat()
        _ = child.withCString { lstat($0, &status) }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
          entries.append("folder \(shown.bytes)")
          try visit(child, shown)
        case S_IFREG: entries.append("file \(shown.bytes) \(try digest(child))")
        default: entries.append("other \(shown.bytes) \(status.st_mode)")
        }
      }
    }
    try visit(BytePath(root.path), BytePath(bytes: []))
    return entries.sorted()
  }

  private static func digest(_ path: BytePath) throws -> Digest {
    let descriptor = path.withCString { open($0, O_RDONLY) }
    defer { close(descriptor) }
    return Digest(of: FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).readDataToEndOfFile())
  }

  static func content(of path: BytePath) -> [UInt8] {
    Array(FileManager.default.contents(atPath: path.display) ?? Data())
  }

  static func bytes(of path: BytePath) -> Int64 {
    var status = stat()
    _ = path.withCString { stat($0, &status) }
    return Int64(status.st_size)
  }

  static func modified(_ path: URL) -> Int64 {
    var status = stat()
    stat(path.path, &status)
    return Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
  }

  /// Writes `archive` by a program in Python, which may write what no archiver would. It finds `path`, `tarfile`, `zipfile`,
  /// `io` and `bits(n, seed)`.
  func forge(_ program: String) throws {
    let head = """
      import io, random, struct, sys, tarfile, zipfile, gzip, bz2, lzma
      path = sys.argv[1]
      def bits(n, seed): return random.Random(seed).randbytes(n)
      def add(tar, name, data=b"", **fields):
          entry = tarfile.TarInfo(name)
          entry.size = len(data)
          for key, value in fields.items(): setattr(entry, key, value)
          tar.addfile(entry, io.BytesIO(data))

      """
    try Command.run("/usr/bin/python3", ["-c", head + program, archive.path])
  }

  /// The same bytes as `bits` of the forgers.
  static func bits(_ count: Int, _ seed: Int) throws -> [UInt8] {
    Array(
      try Command.run(
        "/usr/bin/python3",
        ["-c", "import random, sys; sys.stdout.buffer.write(random.Random(\(seed)).randbytes(\(count)))"]))
  }
}
