import Executors
import Foundation
import Synchronization
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// A worker that is a script: it makes three batches, and begins none before the one before it is acknowledged.
@Suite struct DialogueTests {
  private static let worker = """
    import json, os, sys
    output = sys.argv[sys.argv.index("--output") + 1]
    acknowledged = -1
    for batch in (1, 2, 3):
        while acknowledged < batch - 1:
            line = sys.stdin.readline()
            if not line: sys.exit(9)
            acknowledged = json.loads(line)["acknowledged"]
        os.mkdir(os.path.join(output, "batch-%d" % batch))
        print(json.dumps({"done": batch, "batch": batch}), flush=True)
    while acknowledged < 3:
        line = sys.stdin.readline()
        if not line: sys.exit(9)
        acknowledged = json.loads(line)["acknowledged"]
    """

  private func executor(in directory: URL) throws -> LocalExecutor {
    let script = directory.appending(path: "worker.py")
    try Self.worker.write(to: script, atomically: true, encoding: .utf8)
    // Its first argument is the unit's kind, so the interpreter is started by a shell script of another process's making.
    let shell = directory.appending(path: "worker")
    try Command.run(
      "sh",
      [
        "-c",
        "printf '#!/bin/sh\\nexec /usr/bin/python3 %s \"$@\"\\n' '\(script.path)' >\(shell.path); chmod +x \(shell.path)",
      ])
    return LocalExecutor(
      worker: BytePath(shell.path), staging: BytePath(directory.path).appending("staging"), environment: [:])
  }

  private let unit = WorkUnit(
    name: "unpack x", spec: .unpack(UnpackSpec(parts: ["/x"], isGrowing: true, reports: "/y")), publications: [])

  @Test func batchesAreHeardAndAcknowledged() async throws {
    try await Scratch.with { directory in
      let executor = try executor(in: directory)
      let heard = Mutex<[(Int, Bool)]>([])
      let (batches, sink) = AsyncStream.makeStream(of: Int.self)
      let dialogue = WorkDialogue(first: WorkInstruction(available: 10, acknowledged: 0)) { batch, output in
        let isThere = FileManager.default.fileExists(atPath: output.appending("batch-\(batch)").display)
        heard.withLock { $0.append((batch, isThere)) }
        sink.yield(batch)
      }
      async let answers: Void = {
        for await batch in batches {
          // Many instructions for one batch: the newest counts.
          for available in 0..<100 {
            dialogue.instruct(WorkInstruction(available: Int64(available), acknowledged: batch - 1))
          }
          dialogue.instruct(WorkInstruction(available: nil, acknowledged: batch))
          if batch == 3 { break }
        }
      }()
      try await executor.run(unit, dialogue: dialogue) { _ in }
      await answers
      #expect(heard.withLock { $0.map(\.0) } == [1, 2, 3])
      #expect(heard.withLock { $0.allSatisfy(\.1) })
      #expect(try FileManager.default.contentsOfDirectory(atPath: directory.appending(path: "staging").path).isEmpty)
    }
  }

  /// Without an acknowledgement the worker waits; cancelling ends it.
  @Test func aWorkerThatWaitsIsEndedByCancelling() async throws {
    try await Scratch.with { directory in
      let executor = try executor(in: directory)
      let (batches, sink) = AsyncStream.makeStream(of: Int.self)
      let dialogue = WorkDialogue(first: WorkInstruction(available: 10, acknowledged: 0)) { batch, _ in
        sink.yield(batch)
      }
      let unit = unit
      let running = Task { try await executor.run(unit, dialogue: dialogue) { _ in } }
      for await batch in batches where batch == 1 { break }
      running.cancel()
      await #expect(throws: CancellationError.self) { try await running.value }
    }
  }
}
