import Foundation
import TestSupport
import Testing
import Unpacking
import Vocabulary
import WorkUnits

/// What the daemon says, and what a worker does when it says nothing any more.
struct InstructionTests {
  private func withPipe(_ body: (InstructionLines, FileHandle) throws -> Void) throws {
    let pipe = Pipe()
    try body(InstructionLines(descriptor: pipe.fileHandleForReading.fileDescriptor), pipe.fileHandleForWriting)
  }

  @Test func onlyTheNewestLineCounts() throws {
    try withPipe { lines, daemon in
      var heard: [WorkInstruction?] = [try lines.newest(isWaiting: false)]
      daemon.write(Data(#"{"acknowledged":1,"available":5}"#.utf8))
      heard.append(try lines.newest(isWaiting: false))
      #expect(heard == [nil, nil], "half a line says nothing")
      daemon.write(Data("\n{\"acknowledged\":2,\"available\":9}\n{\"ackno".utf8))
      heard = [try lines.newest(isWaiting: true), try lines.newest(isWaiting: false)]
      #expect(heard == [WorkInstruction(available: 9, acknowledged: 2), nil])
      daemon.write(Data("wledged\":3}\n".utf8))
      heard = [try lines.newest(isWaiting: true)]
      #expect(heard == [WorkInstruction(available: nil, acknowledged: 3)])
    }
  }

  @Test func theEndMattersOnlyToWhoWaits() throws {
    try withPipe { lines, daemon in
      daemon.write(Data("{\"acknowledged\":1}\n".utf8))
      try daemon.close()
      let heard = [try lines.newest(isWaiting: true), try lines.newest(isWaiting: false)]
      #expect(heard == [WorkInstruction(available: nil, acknowledged: 1), nil])
      let error = #expect(throws: WorkError.self) { try lines.newest(isWaiting: true) }
      #expect(error?.kind == .environment && error?.message.contains("daemon") == true)
    }
  }

  @Test(arguments: ["what?\n", String(repeating: "x", count: 70_000)]) func nonsenseIsADefect(text: String) throws {
    try withPipe { lines, daemon in
      // More than a pipe holds is written while it is read.
      let hasEnded = DispatchSemaphore(value: 0)
      let writer = Thread {
        try? daemon.write(contentsOf: Data(text.utf8))
        hasEnded.signal()
      }
      writer.start()
      let error = #expect(throws: WorkError.self) { try lines.newest(isWaiting: true) }
      #expect(error?.kind == .failure)
      // Were the pipe gone before, SIGPIPE would end the tests. What is left fits into it.
      hasEnded.wait()
    }
  }

  /// Says nothing, ever.
  private struct Silence: InstructionSource {
    func newest(isWaiting: Bool) throws -> WorkInstruction? {
      if isWaiting { throw WorkError(.environment, "gone") }
      return nil
    }
  }

  /// The first two batches need nobody, the third needs that the first is published.
  @Test func theWorkerIsAtMostOneBatchAhead() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        "tar = tarfile.open(path, 'w'); [add(tar, f'm{k}', bits(1000, k)) for k in range(9)]; tar.close()")
      let worker = try UnpackWorker(fixture.spec(batchBytes: 3000), output: BytePath(fixture.output.path))
      let error = #expect(throws: WorkError.self) { try worker.run(Silence()) { _ in } }
      #expect(error?.message == "gone")
      let left = try FileManager.default.contentsOfDirectory(atPath: fixture.output.path)
      #expect(Set(left) == ["batch-1", "batch-2"])
    }
  }

  @Test(arguments: [
    ("zip", "zipfile.ZipFile(path, 'w').writestr('a', b'x')"),
    ("7z", "open(path, 'wb').write(b'7z\\xbc\\xaf\\x27\\x1c' + bits(500, 1))"),
  ]) func whatNeedsItsEndCannotGrow(name: String, program: String) throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(program)
      let daemon = FakeDaemon(fixture.spec(isGrowing: true), in: fixture)
      daemon.increment = { 10 }
      let error = #expect(throws: WorkError.self) { try daemon.work() }
      #expect(error?.kind == .input && error?.message.contains("\(name) cannot be unpacked before") == true)
    }
  }

  /// A member is a bomb beside the whole archive only, which nobody knows before it is there.
  @Test func theRatioOfAGrowingArchiveIsThatOfTheWhole() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        """
        tar = tarfile.open(path, "w:gz", compresslevel=1)
        add(tar, "zeros", bytes(90_000_000)); add(tar, "film", bits(3_000_000, 1))
        tar.close()
        """)
      let daemon = FakeDaemon(fixture.spec(isGrowing: true, limits: UnpackLimits(ratio: 40)), in: fixture)
      daemon.increment = { 200_000 }
      try daemon.work()
      #expect(try daemon.unpacked().members.map(\.path) == ["film", "zeros"])
    }
  }

  @Test func aReportThatIsBrokenIsSaid() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge("tarfile.open(path, 'w').close()")
      try Data("{".utf8).write(to: fixture.reports.appending(path: UnpackSpec.reportName(1)))
      let error = #expect(throws: WorkError.self) { try fixture.unpack() }
      #expect(error?.kind == .environment && error?.message.contains("batch-1.json") == true)
    }
  }
}
