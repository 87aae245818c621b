import Foundation
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// The real worker, confined: what it needs for lawful archives it still has.
@Suite struct ConfinedUnpackTests {
  static let archives = ["a.tar", "a.tar.gz", "a.tar.bz2", "a.tar.xz", "a.tar.zst", "a.zip"]

  @Test(arguments: archives) func everyFormatUnpacks(_ name: String) throws {
    try Scratch.with { scratch in
      try Self.write(["one/ï.mp4": "first", "two/b c.avi": "second"], as: name, in: scratch)
      let spec = Self.spec(name, in: scratch)
      let output = try Self.unpack(spec, in: scratch)
      let data = try Data(contentsOf: output.appending(path: "batch-1/report.json"))
      let report = try CanonicalJSON.decode(UnpackReport.self, from: data)
      #expect(report.members.map(\.path) == ["one/ï.mp4", "two/b c.avi"])
      #expect(report.rejects.isEmpty && report.end == .whole)
      let first = output.appending(path: "batch-1/files/one/ï.mp4")
      #expect(try String(contentsOf: first, encoding: .utf8) == "first")
      let time = try FileManager.default.attributesOfItem(atPath: first.path)[.modificationDate] as? Date
      #expect(time == Date(timeIntervalSince1970: 1_000_000_000))
    }
  }

  /// The reason still reaches the executor.
  @Test func whatIsNoArchiveIsRefused() throws {
    try Scratch.with { scratch in
      let archive = scratch.appending(path: "a.tar")
      try Data(repeating: 7, count: 5000).write(to: archive)
      let spec = Self.spec("a.tar", in: scratch)
      #expect(throws: Command.Failure.self) { try Self.unpack(spec, in: scratch) }
      let failure = scratch.appending(path: "output").appending(path: WorkFile.failure)
      let error = try CanonicalJSON.decode(WorkError.self, from: Data(contentsOf: failure))
      #expect(error.kind == .input)
    }
  }

  /// Endless work is ended, and the reason is not that somebody killed it.
  @Test func processorTimeIsLimited() throws {
    try UnpackFixture.with { fixture in
      // 4 GiB of zeros in some KiB, that are only passed over.
      try fixture.forge(
        """
        entry = tarfile.TarInfo("zeros"); entry.size = 4 << 30
        inner = gzip.compress(entry.tobuf(tarfile.GNU_FORMAT)) + gzip.compress(bytes(64 << 20)) * 64
        open(path, "wb").write(gzip.compress(inner))
        """)
      let limits = UnpackLimits(memberBytes: 1000, processorSeconds: 1)
      let worker = try WorkerRun(fixture.spec(limits: limits), in: fixture)
      #expect(worker.end() == 65)
      #expect(worker.failure?.kind == .input && worker.failure?.message.contains("CPU limit") == true)
    }
  }

  /// The daemon's death is no fault of the archive.
  @Test func aWorkerWithoutADaemonEnds() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge("tar = tarfile.open(path, 'w'); add(tar, 'm', bits(5000, 1)); tar.close()")
      let worker = try WorkerRun(fixture.spec(isGrowing: true), in: fixture)
      worker.say(WorkInstruction(available: 600, acknowledged: 0))
      worker.closeInput()
      #expect(worker.end() == 75)
      #expect(worker.failure?.kind == .environment)
    }
  }

  /// Killed after each second batch and started again, while the archive grows.
  @Test(arguments: ["w", "w:gz"]) func killedAndStartedAgain(mode: String) throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        """
        tar = tarfile.open(path, '\(mode)')
        for k in range(40): add(tar, f'd{k % 3}/m{k}', bits(3000, k))
        tar.close()
        """)
      let bytes = UnpackFixture.bytes(of: BytePath(fixture.archive.path))
      let daemon = FakeDaemon(fixture.spec(), in: fixture)
      var (available, attempts, isDone): (Int64, Int, Bool) = (0, 0, false)
      // Some members' worth each time, so that each brings a batch.
      func more() -> WorkInstruction {
        available += 17_001
        return WorkInstruction(available: available < bytes ? available : nil, acknowledged: daemon.published)
      }
      while !isDone {
        attempts += 1
        try daemon.clearOutput()
        let worker = try WorkerRun(fixture.spec(isGrowing: true, batchBytes: 10_000), in: fixture)
        worker.say(more())
        var batches = 0
        while batches < 2 || available >= bytes, let batch = worker.nextBatch() {
          batches += 1
          try daemon.publish(batch)
          if batches < 2 || available >= bytes { worker.say(more()) }
        }
        if available < bytes { worker.kill() } else { isDone = worker.end() == 0 }
        try #require(attempts < 50)
      }
      #expect(attempts > 2)
      let members = try daemon.unpacked().members
      #expect(members.count == 40)
      for member in members {
        let number = try #require(Int(member.path.display.split(separator: "m").last ?? ""))
        #expect(member.digest == Digest(of: try UnpackFixture.bits(3000, number)))
      }
    }
  }

  private static func write(_ files: [String: String], as name: String, in scratch: URL) throws {
    let script = """
      import io, json, struct, sys, tarfile, time, zipfile
      files = json.loads(sys.argv[2])
      if sys.argv[1].endswith('.zip'):
          with zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED) as out:
              for path in sorted(files):
                  out.writestr(zipfile.ZipInfo(path, time.gmtime(1000000000)[:6]), files[path])
      else:
          kind = sys.argv[1].rsplit('.', 1)[1]
          with tarfile.open(sys.argv[1], 'w' + {'gz': ':gz', 'bz2': ':bz2', 'xz': ':xz'}.get(kind, '')) as out:
              for path in sorted(files):
                  info = tarfile.TarInfo(path)
                  info.size, info.mtime = len(files[path]), 1000000000
                  out.addfile(info, io.BytesIO(files[path].encode()))
      if sys.argv[1].endswith('.zst'):  # One frame of one raw block: no program packs it that is always there.
          data = open(sys.argv[1], 'rb').read()
          head = bytes([0x28, 0xB5, 0x2F, 0xFD, 0xA0]) + struct.pack('<I', len(data))
          open(sys.argv[1], 'wb').write(head + struct.pack('<I', len(data) << 3 | 1)[:3] + data)
      """
    let json = String(decoding: try JSONEncoder().encode(files), as: UTF8.self)
    try Command.run("/usr/bin/python3", ["-c", script, name, json], in: scratch, environment: ["TZ": "UTC"])
  }

  private static func spec(_ name: String, in scratch: URL) -> UnpackSpec {
    UnpackSpec(
      parts: [BytePath(scratch.appending(path: name).path)], isGrowing: false,
      reports: BytePath(scratch.appending(path: "reports").path))
  }

  private static func unpack(_ spec: UnpackSpec, in scratch: URL) throws -> URL {
    let file = scratch.appending(path: "spec.json")
    try CanonicalJSON.encode(WorkSpec.unpack(spec)).write(to: file)
    let output = scratch.appending(path: "output")
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    // A daemon that has taken in every batch already.
    try Command.run(
      "sh",
      [
        "-c", #"echo '{"acknowledged":9}' | "$0" unpack --spec "$1" --output "$2""#,
        Checkout.products.appending(path: "primatrix-worker").path, file.path, output.path,
      ], environment: ["OPENBLAS_NUM_THREADS": "1", "TZ": "UTC"])
    return output
  }
}
