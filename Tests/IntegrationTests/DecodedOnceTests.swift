import Foundation
import TestSupport
import Testing

/// With a kill -9 anywhere, at most the clips in flight are decoded again.
@Suite(.serialized) struct DecodedOnceTests {
  /// Where the daemon kills itself in one life after the other; nil: it is killed while a unit is under way.
  private static let deaths = [
    "publish.staged:3", "publish.renamed:5", nil, "publish.renamed:3", nil, "publish.staged:7",
  ]

  @Test func aKillCostsTheClipsInFlight() async throws {
    try await Scratch.with { directory in
      let clips = try await Self.clips(in: directory)
      let daemon = try DaemonFixture(
        in: directory, toml: "[watch]\nfolders = [\"\(clips.path)\"]\n[features]\nworkers = 2\n")
      let units = try StartedUnits(of: daemon, in: directory)
      var (published, inFlight, starts): (Set<String>, Int, Int) = ([], 0, 0)
      for death in Self.deaths {
        try daemon.start(failpoint: death)
        try await Self.liveUntilDeath(daemon, units, failpoint: death)
        try await daemon.kill()
        let began = try units.taken()
        #expect(Set(began).count == began.count, "a clip was given out twice in one life")
        #expect(published.isDisjoint(with: began), "a clip whose features were published was decoded again")
        published = try Self.published(daemon)
        // Two units, of sixteen clips at most.
        let lost = Set(began).subtracting(published).count
        #expect(lost <= 32)
        inFlight += lost
        starts += began.count
      }
      try daemon.start()
      let end = try await daemon.wait("the last clip's features") { !$0.working }
      let began = try units.taken()
      #expect(published.isDisjoint(with: began))
      published = try Self.published(daemon)
      #expect(published.count == end.clips.total && published.count > 30)
      #expect(starts + began.count <= published.count + inFlight)
      #expect(inFlight > 0, "nobody died while clips were in flight")
    }
  }

  private static func liveUntilDeath(_ daemon: DaemonFixture, _ units: StartedUnits, failpoint: String?) async throws {
    while daemon.isRunning, (try? await daemon.status())?.working != false {
      if failpoint == nil, try units.count() >= 2 { return }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  /// The clips of the sample set, unpacked.
  private static func clips(in directory: URL) async throws -> URL {
    let archive = try await SampleDataset.make(in: directory).appending(path: "raw.tar.gz")
    let clips = directory.appending(path: "clips")
    try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
    try await Command.runAside("tar", ["-xzf", archive.path, "-C", clips.path])
    return clips
  }

  /// Clips whose features, or that they have none, a ledger says.
  private static func published(_ daemon: DaemonFixture) throws -> Set<String> {
    let folder = daemon.state.appending(path: "features/ledgers")
    let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    return Set(try files.filter { $0.pathExtension == "json" }.flatMap { try Clips.named(in: $0, "entries") })
  }
}

/// The specs of the extract units that a daemon has started: between it and its workers stands a script that keeps each,
/// whole and before the worker is there.
private struct StartedUnits {
  private let log: URL

  init(of daemon: DaemonFixture, in directory: URL) throws {
    log = directory.appending(path: "started")
    let programs = directory.appending(path: "programs")
    for folder in [log, programs] {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    // The daemon takes the worker that lies beside it.
    try FileManager.default.copyItem(at: daemon.program, to: programs.appending(path: "primatrixd"))
    let draft = directory.appending(path: "worker")
    try """
    #!/usr/bin/python3
    import os, shutil, sys
    if sys.argv[1] == 'extract':
        kept = os.path.join('\(log.path)', '%d-%d' % (os.getpid(), os.stat(sys.argv[3]).st_ino))
        shutil.copyfile(sys.argv[3], kept)
        os.rename(kept, kept + '.json')
    os.execv('\(Checkout.products.appending(path: "primatrix-worker").path)', sys.argv)
    """.write(to: draft, atomically: true, encoding: .utf8)
    try Command.run("install", ["-m", "755", draft.path, programs.appending(path: "primatrix-worker").path])
    daemon.program = programs.appending(path: "primatrixd")
  }

  func count() throws -> Int { try specs().count }

  /// Clips that were given to units since this was asked last, a clip as often as it was.
  func taken() throws -> [String] {
    try specs().flatMap { spec in
      defer { try? FileManager.default.removeItem(at: spec) }
      return try Clips.named(in: spec, "clips")
    }
  }

  private func specs() throws -> [URL] {
    try FileManager.default.contentsOfDirectory(at: log, includingPropertiesForKeys: nil).filter {
      $0.pathExtension == "json"
    }
  }
}

private enum Clips {
  /// What stands for `clip` in the objects of an array of this name, wherever in the file it is.
  static func named(in file: URL, _ array: String) throws -> [String] {
    func find(_ value: Any) -> [String] {
      guard let object = value as? [String: Any] else { return [] }
      if let entries = object[array] as? [[String: Any]] { return entries.compactMap { $0["clip"] as? String } }
      return object.values.flatMap(find)
    }
    return find(try JSONSerialization.jsonObject(with: Data(contentsOf: file)))
  }
}
