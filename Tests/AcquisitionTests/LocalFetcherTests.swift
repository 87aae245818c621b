import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

struct LocalFetcherTests {
  private func fetch(_ paths: [URL], digest: Digest? = nil, in directory: URL) async throws -> [FetchedFile] {
    let fetcher = LocalFetcher(id: "test", paths: paths.map { BytePath($0.path) }, digest: digest)
    return try await fetcher.fetch(into: BytePath(directory.appending(path: "place").path), flow: FetchFlow())
  }

  private func write(_ text: String, _ file: URL) throws {
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }

  @Test func aFileStaysWhereItIs() async throws {
    try await Scratch.with { directory in
      let file = directory.appending(path: "with space ï.tar")
      try write("content", file)
      let files = try await fetch([file], in: directory)
      #expect(files.map(\.path) == [BytePath(file.path)] && files.map(\.name) == ["with space ï.tar"])
      #expect(files.map(\.bytes) == [7] && files.allSatisfy { !$0.isOurs })
      #expect(!FileManager.default.fileExists(atPath: directory.appending(path: "place").path))
    }
  }

  @Test func aDirectoryIsAllRegularFilesBelowItByName() async throws {
    try await Scratch.with { directory in
      let root = directory.appending(path: "clips")
      for name in ["b.avi", "a/z.avi", "a/B.avi", "c/d/e.avi"] { try write(name, root.appending(path: name)) }
      let outside = directory.appending(path: "outside")
      try write("secret", outside.appending(path: "x"))
      try FileManager.default.createSymbolicLink(at: root.appending(path: "link"), withDestinationURL: outside)
      try FileManager.default.createSymbolicLink(
        at: root.appending(path: "file"), withDestinationURL: outside.appending(path: "x"))
      mkfifo(root.appending(path: "fifo").path, 0o600)
      let files = try await fetch([root], in: directory)
      #expect(files.map(\.name.display) == ["a/B.avi", "a/z.avi", "b.avi", "c/d/e.avi"])
      // Of several places, each by its own name.
      let both = try await fetch([root, outside], in: directory)
      #expect(
        both.map(\.name.display) == ["clips/a/B.avi", "clips/a/z.avi", "clips/b.avi", "clips/c/d/e.avi", "outside/x"])
    }
  }

  @Test func anotherContentIsAnotherIdentity() async throws {
    try await Scratch.with { directory in
      let file = directory.appending(path: "raw.tar")
      try write("one", file)
      let first = try await fetch([file], in: directory)
      #expect(try await fetch([file], in: directory) == first)
      try write("two", file)
      #expect(try await fetch([file], in: directory)[0].identity != first[0].identity)
    }
  }

  @Test func theDigestIsCheckedOnceAndAgainWhenTheFileChanged() async throws {
    try await Scratch.with { directory in
      let file = directory.appending(path: "raw.tar")
      try write("right", file)
      let digest = Digest(of: Data("right".utf8))
      #expect(try await fetch([file], digest: digest, in: directory)[0].identity == digest)
      try write("wrong", file)
      let error = await #expect(throws: AcquisitionError.self) {
        try await fetch([file], digest: digest, in: directory)
      }
      let words = try #require(error?.description)
      for word in [file.path, digest.hex, Digest(of: Data("wrong".utf8)).hex, "source test"] {
        #expect(words.contains(word))
      }
      #expect(error?.isPermanent == true)
      #expect(try Data(contentsOf: file) == Data("wrong".utf8))
    }
  }

  @Test(arguments: [
    ("missing.tar", "mount the disk"), ("empty", "holds no file"), ("fifo", "neither a file nor a directory"),
    ("twice", "has another file of this name"), ("several", "sha256 is of one"),
  ]) func whatCannotBeUsedIsRefused(name: String, words: String) async throws {
    try await Scratch.with { directory in
      let path = directory.appending(path: name)
      var paths = [path]
      switch name {
      case "empty": try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
      case "fifo": mkfifo(path.path, 0o600)
      case "twice":
        try write("x", path)
        paths = [path, path]
      case "several": for part in ["a", "b"] { try write("x", path.appending(path: part)) }
      default: break
      }
      let digest = name == "several" ? Digest(of: Data()) : nil
      let error = await #expect(throws: AcquisitionError.self) { try await fetch(paths, digest: digest, in: directory) }
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
      #expect(error?.isPermanent == true)
    }
  }

  @Test(arguments: [
    ("/a/b", "/a/b"), ("file:///a/b%20c", "/a/b c"), ("file:/a", "/a"), ("FILE://localhost/a", "/a"),
    ("file:///100%", "/100%"), ("file:///nul%00", "/nul%00"), ("http://h/a", nil), ("file://elsewhere/a", nil),
    ("file:a", nil), ("a/b", nil),
  ]) func addressesOfThisMachine(address: String, path: String?) {
    #expect(LocalAddress.path(address) == path.map { BytePath($0) })
  }

  @Test func bytesThatAreNoTextAreKept() {
    #expect(LocalAddress.path("file:///ta%EF.avi") == BytePath(bytes: Array("/ta".utf8) + [0xEF] + Array(".avi".utf8)))
  }
}
