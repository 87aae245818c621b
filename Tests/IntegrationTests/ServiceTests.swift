import Foundation
import TestSupport
import Testing

/// What a service manager does with the daemon.
@Suite(.serialized) struct ServiceTests {
  private static func source(_ id: String, _ folder: URL) -> String {
    "[[source]]\nid = \"\(id)\"\nurls = [\"\(folder.path)\"]\n"
  }

  /// A folder with a clip, or with what stands for one.
  private func folder(_ name: String, in directory: URL) throws -> URL {
    let folder = directory.appending(path: name)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data("\(name) is no video".utf8).write(to: folder.appending(path: "\(name).mp4"))
    return folder
  }

  @Test func aReloadTakesWhatIsGoodAndRefusesWhatIsNot() async throws {
    try await Scratch.with { directory in
      let first = Self.source("first", try folder("first", in: directory))
      let second = Self.source("second", try folder("second", in: directory))
      let daemon = try DaemonFixture(in: directory, toml: first)
      try daemon.start()
      _ = try await daemon.wait("the first source") { $0.clips.unreadable == 1 }
      #expect(String(decoding: try await daemon.control("reload"), as: UTF8.self).contains("nothing in it has changed"))

      try daemon.configure("\(first)\(second)[ensemble]\nfold = 3\n")
      let refusal = await #expect(throws: Command.Failure.self) { try await daemon.control("reload") }
      #expect(refusal?.description.contains("ensemble.fold: no such key") == true)

      try daemon.configure("\(first)\(second)[ensemble]\nfolds = 3\n[features]\nworkers = 1\n")
      #expect(try await daemon.status().sources.map(\.id) == ["first"])
      let answer = String(decoding: try await daemon.control("reload"), as: UTF8.self)
      #expect(answer.contains("changed now: features.workers, source second; after a restart: [ensemble]"), "\(answer)")
      let status = try await daemon.wait("the second source") { $0.clips.unreadable == 2 && !$0.working }
      #expect(Set(status.sources.map { "\($0.id) \($0.state)" }) == ["first complete", "second complete"])
      #expect(try await daemon.stop() == 0)
    }
  }

  @Test func aHangupIsAReload() async throws {
    try await Scratch.with { directory in
      let daemon = try DaemonFixture(in: directory, toml: "")
      try daemon.start()
      _ = try await daemon.wait("the start") { _ in true }
      try daemon.configure(Self.source("new", try folder("new", in: directory)))
      daemon.signal(SIGHUP)
      _ = try await daemon.wait("the new source") { $0.sources.map(\.id) == ["new"] && $0.clips.unreadable == 1 }
    }
  }

  /// Two daemons that want one port: the second works without.
  @Test func aDashboardThatCannotBeIsAProblemAndNoMore() async throws {
    try await Scratch.with { directory in
      let first = try DaemonFixture(in: try folder("one", in: directory), toml: "")
      try first.start()
      let address = try #require(try await first.wait("quiet") { !$0.working }.dashboard)
      let page = try await Command.runAside("curl", ["-sS", "--fail", "--noproxy", "*", address])
      #expect(String(decoding: page, as: UTF8.self).contains("<title>Primatrix: "))
      let second = try DaemonFixture(in: try folder("two", in: directory), toml: "")
      try second.configure("", listen: address.replacingOccurrences(of: "http://", with: ""))
      try second.start()
      let status = try await second.wait("quiet") { !$0.working }
      #expect(status.ownProblems.map(\.subject) == ["dashboard"])
      #expect(status.dashboard == nil)
      try second.configure("", listen: "")
      #expect(try await second.stop() == 0)
      try second.start()
      #expect(try await second.wait("quiet") { !$0.working }.ownProblems.isEmpty)
      #expect(try await first.stop() == 0)
    }
  }

  private static let activator = "/usr/bin/systemd-socket-activate"

  /// The activator closes what it inherits, and with it the pipe by which Foundation notices ends, of every process: a shell
  /// stands between. `exit` keeps it from becoming the activator.
  private static func listening(at socket: String) -> [String] {
    ["/bin/sh", "-c", "setpriv --pdeathsig KILL \(activator) --listen \"$@\"; exit $?", "sh", socket]
  }

  /// systemd's own tool listens, and starts the daemon when somebody asks.
  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: activator)))
  func aSocketThatIsListenedAtIsTakenAndLeft() async throws {
    try await Scratch.with { directory in
      let daemon = try DaemonFixture(in: directory, toml: "")
      let socket = directory.appending(path: "control.sock")
      try daemon.start(through: Self.listening(at: socket.path))
      _ = try await daemon.wait("an answer") { _ in true }
      try await daemon.control("stop")
      // No signal: it could hit the shell that has just seen the daemon end.
      #expect(try await daemon.end() == 0)
      #expect(FileManager.default.fileExists(atPath: socket.path), "it is not the daemon's to remove")
    }
  }

  private func knocks(at socket: String) -> Bool {
    do {
      _ = try UnixSocket(connectingTo: socket)
      return true
    } catch {
      return false
    }
  }

  @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: activator)))
  func aSocketElsewhereIsRefused() async throws {
    try await Scratch.with { directory in
      let daemon = try DaemonFixture(in: directory, toml: "")
      let socket = directory.appending(path: "other.sock").path
      try daemon.start(through: Self.listening(at: socket))
      while !knocks(at: socket) { try await Task.sleep(for: .milliseconds(20)) }
      let failure = await #expect(throws: DaemonFixture.Trouble.self) {
        _ = try await daemon.wait("an answer") { _ in true }
      }
      #expect(failure?.description.contains("ended with 78") == true, "\(failure?.description ?? "")")
      #expect(failure?.description.contains("ListenStream= in primatrixd.socket") == true)
    }
  }
}
