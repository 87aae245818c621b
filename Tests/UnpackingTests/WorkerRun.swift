import Foundation
import Subprocesses
import TestSupport
import Vocabulary
import WorkUnits

/// The real worker as a process of its own, with what it hears and says.
final class WorkerRun {
  private var process: ChildProcess?
  private let signaller: ChildProcess.Signaller
  private let input = Pipe()
  private let output = Pipe()
  private var pending: [UInt8] = []
  private let fixture: UnpackFixture

  init(_ spec: UnpackSpec, in fixture: UnpackFixture) throws {
    // A worker that has ended hears nothing more.
    signal(SIGPIPE, SIG_IGN)
    self.fixture = fixture
    let file = fixture.directory.appending(path: "spec.json")
    try CanonicalJSON.encode(WorkSpec.unpack(spec)).write(to: file)
    let child = try ChildProcess(
      executable: BytePath(Checkout.products.appending(path: "primatrix-worker").path),
      arguments: ["unpack", "--spec", file.path, "--output", fixture.output.path],
      environment: ["OPENBLAS_NUM_THREADS": "1"],
      descriptors: [
        .init(from: input.fileHandleForReading.fileDescriptor, to: 0),
        .init(from: output.fileHandleForWriting.fileDescriptor, to: 1),
        .init(from: FileHandle.standardError.fileDescriptor, to: 2),
      ])
    signaller = child.signaller
    process = consume child
    try input.fileHandleForReading.close()
    try output.fileHandleForWriting.close()
  }

  deinit { kill() }

  func say(_ instruction: WorkInstruction) {
    guard let line = try? CanonicalJSON.encode(instruction) + Data("\n".utf8) else { return }
    try? input.fileHandleForWriting.write(contentsOf: line)
  }

  func closeInput() { try? input.fileHandleForWriting.close() }

  /// Waits for the next batch; nil when the worker has ended.
  func nextBatch() -> Int? {
    while true {
      while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        let line = Data(pending[..<end])
        pending.removeSubrange(...end)
        if let batch = (try? CanonicalJSON.decode(WorkProgress.self, from: line))?.batch { return batch }
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { return nil }
      pending += more
    }
  }

  func kill() {
    signaller.send(SIGKILL)
    _ = end()
  }

  /// Waits for its end; the exit status, or minus the signal.
  @discardableResult
  func end() -> Int32? {
    guard let child = process.take() else { return nil }
    switch child.wait() {
    case .exited(let code): return code
    case .signalled(let signal): return -signal
    }
  }

  /// What it left for the executor.
  var failure: WorkError? {
    FileManager.default.contents(atPath: fixture.output.appending(path: WorkFile.failure).path)
      .flatMap { try? CanonicalJSON.decode(WorkError.self, from: $0) }
  }
}
