internal import Durability
internal import Foundation
internal import Subprocesses
private import Synchronization
package import Vocabulary
package import WorkUnits

/// Runs each unit as a child process on this machine. How many at once is the pipeline's decision.
package struct LocalExecutor: Executor {
  /// The `primatrix-worker` executable.
  private let worker: BytePath
  /// Output directories before they are published; on the state directory's file system, so that renaming works.
  private let staging: BytePath
  private let environment: [String: String]

  package init(worker: BytePath, staging: BytePath, environment: [String: String]) {
    self.worker = worker
    self.staging = staging
    self.environment = environment
  }

  package func run(_ unit: WorkUnit, dialogue: WorkDialogue?, progress: @escaping ProgressReport) async throws {
    let attempt = staging.appending("\(unit.spec.kind.rawValue)-\(UUID().uuidString)")
    let stop = Stop()
    try await withTaskCancellationHandler {
      // Spawning, reading and reaping on one thread: the child dies with the thread that started it.
      try await BlockingThread.run(named: "worker") {
        defer { try? Durability.removeTree(attempt) }
        try run(unit, in: attempt, stop: stop, dialogue: dialogue, progress: progress)
      }
    } onCancel: {
      stop.now()
    }
  }

  private func run(
    _ unit: WorkUnit, in attempt: BytePath, stop: Stop, dialogue: WorkDialogue?, progress: ProgressReport
  ) throws {
    let output = attempt.appending("output")
    let spec = attempt.appending("spec.json")
    do {
      try FileManager.default.createDirectory(atPath: output.display, withIntermediateDirectories: true)
      try CanonicalJSON.encode(unit.spec).write(to: URL(filePath: spec.display))
    } catch {
      throw WorkError(.environment, "\(unit.name): its working directory cannot be made: \(error)")
    }
    let child = WorkerProcess(
      executable: worker, arguments: [unit.spec.kind.rawValue, "--spec", spec.display, "--output", output.display],
      environment: environment)
    let end = try child.run(stop: stop, dialogue: dialogue) { report in
      if let batch = report.batch { dialogue?.heard(batch, output) }
      progress(report)
    }
    if stop.isAsked { throw CancellationError() }
    guard end.status == .exited(0) else { throw failure(of: unit, end: end, output: output) }
    try publish(unit, from: output)
  }

  private func failure(of unit: WorkUnit, end: WorkerProcess.End, output: BytePath) -> WorkError {
    let file = output.appending(WorkFile.failure)
    if let data = FileManager.default.contents(atPath: file.display),
      let error = try? CanonicalJSON.decode(WorkError.self, from: data)
    {
      return error
    }
    // No defect of ours ends in SIGKILL: the kernel ran out of memory, or somebody wanted the worker gone.
    if end.status == .signalled(SIGKILL) {
      return WorkError(
        .killed, "\(unit.name): the worker was killed; if nobody did it, the machine ran out of memory (see dmesg)")
    }
    let last = end.errors.isEmpty ? "it said nothing" : "its last words: \(end.errors)"
    return WorkError(.failure, "\(unit.name): the worker ended with \(end.status); \(last)")
  }

  private func publish(_ unit: WorkUnit, from output: BytePath) throws {
    for publication in unit.publications {
      let staged = output.appending(publication.staged)
      if publication.optional && !FileManager.default.fileExists(atPath: staged.display) { continue }
      do {
        try Durability.publish(staged: staged, at: publication.destination)
      } catch {
        throw WorkError(.environment, "\(unit.name): \(error)")
      }
    }
  }
}

/// Asks a running worker to end, from any thread, before or after it was started.
final class Stop: Sendable {
  private let state = Mutex<(asked: Bool, signaller: ChildProcess.Signaller?)>((false, nil))

  var isAsked: Bool { state.withLock { $0.asked } }

  /// A unit's output is staged only, so there is nothing to tidy: kill at once.
  func now() {
    state.withLock {
      $0.asked = true
      $0.signaller?.send(SIGKILL)
    }
  }

  func watch(_ signaller: ChildProcess.Signaller) {
    state.withLock {
      $0.signaller = signaller
      if $0.asked { signaller.send(SIGKILL) }
    }
  }
}
