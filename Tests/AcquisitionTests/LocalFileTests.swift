import Acquisition
import Foundation
import TestSupport
import Testing
import Vocabulary

struct LocalFileTests {
  @Test(arguments: ["raw.tar", "with space ï.tar", "empty.tar"]) func filesOfThisMachine(name: String) async throws {
    try await Scratch.with { directory in
      let fixture = DownloadFixture(directory: directory)
      let original = directory.appending(path: name)
      let content = name == "empty.tar" ? [] : DownloadFixture.bytes(100_000, seed: 3)
      try Data(content).write(to: original)
      for url in [original.path, original.absoluteString] {
        let file = try await fixture.fetch(url)
        #expect(try fixture.content(file) == content)
        #expect(file.digest == Digest(of: content))
        try FileManager.default.removeItem(at: fixture.folder)
      }
      #expect(try Data(contentsOf: original) == Data(content))
    }
  }

  @Test(arguments: ["missing.tar", "folder"]) func whatIsNoFileIsRefused(name: String) async throws {
    try await Scratch.with { directory in
      try FileManager.default.createDirectory(
        at: directory.appending(path: "folder"), withIntermediateDirectories: true)
      let fixture = DownloadFixture(directory: directory)
      for url in [directory.appending(path: name).path, "file://\(directory.path)/\(name)"] {
        let failure = try #require(await fixture.failure(url))
        #expect(failure.description.contains(name), "\(failure)")
        #expect(failure.isPermanent, "\(failure)")
      }
    }
  }

  @Test(arguments: ["ftp://127.0.0.1/x", "gopher://127.0.0.1/x", "http://", "not an address"])
  func otherAddressesAreRefused(url: String) async throws {
    try await Scratch.with { directory in
      let failure = try #require(await DownloadFixture(directory: directory).failure(url))
      #expect(failure.isPermanent, "\(failure)")
    }
  }

  @Test func aSourceWithoutAddressSaysSo() async throws {
    try await Scratch.with { directory in
      let failure = await DownloadFixture(directory: directory).failure()
      #expect(failure?.description == "source test has no address")
    }
  }

  /// Without a digest the address is what says which file is meant.
  @Test func anotherAddressIsAnotherFile() async throws {
    try await Scratch.with { directory in
      let fixture = DownloadFixture(directory: directory)
      var urls: [String] = []
      for name in ["a", "b"] {
        let folder = directory.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(name.utf8).write(to: folder.appending(path: "raw.tar"))
        urls.append(folder.appending(path: "raw.tar").path)
      }
      #expect(try fixture.content(try await fixture.fetch(urls[0])) == Array("a".utf8))
      #expect(try fixture.content(try await fixture.fetch(urls[1])) == Array("b".utf8))
      // A further mirror changes nothing.
      #expect(try fixture.content(try await fixture.fetch(urls[0], urls[1])) == Array("b".utf8))
    }
  }

  @Test func aFileThatWasChangedSinceIsFetchedAgain() async throws {
    try await Scratch.with { directory in
      let fixture = DownloadFixture(directory: directory)
      let original = directory.appending(path: "raw.tar")
      try Data("right".utf8).write(to: original)
      let file = try await fixture.fetch(original.path)
      try Data("wrong".utf8).write(to: URL(filePath: file.path.display))
      #expect(try fixture.content(try await fixture.fetch(original.path)) == Array("right".utf8))
    }
  }

  /// What is secret in an address appears in no message.
  @Test func messagesHoldNoPassword() async throws {
    try await Scratch.with { directory in
      let url = "http://user:secret@127.0.0.1:\(try LocalPort.free())/x.tar?token=secret"
      let failure = try #require(await DownloadFixture(directory: directory).failure(url))
      #expect(failure.description.contains("127.0.0.1") && !failure.description.contains("secret"), "\(failure)")
    }
  }
}
