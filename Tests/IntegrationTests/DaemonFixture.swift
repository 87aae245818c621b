import Foundation
import TestSupport
import Testing

/// The parts of `status --json` that tests look at.
struct Status: Decodable {
  struct Stage: Decodable {
    var name: String
    var done: Int
    var failed: Int
    var made: Int
  }

  struct Source: Decodable {
    var id: String
    var state: String
    var bytes: Int64
  }

  struct Clips: Decodable {
    var total: Int
    var decoded: Int
    var partial: Int
    var unreadable: Int
  }

  struct Submission: Decodable {
    var path: String
    var rows: Int
    var rowsFromPriors: Int
    var digest: String
  }

  struct Ensemble: Decodable {
    var logLoss: Double
    var priorLogLoss: Double
    var clips: Int
    var remarks: [String]
  }

  struct Problem: Decodable {
    var subject: String
    var message: String
  }

  var pid: Int32
  var working: Bool
  var stages: [Stage]
  var sources: [Source]
  var clips: Clips
  var ensemble: Ensemble?
  var submission: Submission?
  var problems: [Problem]
  var dashboard: String?
  /// Without those that come from whoever else runs on this machine: it may be short of memory.
  var ownProblems: [Problem] { problems.filter { $0.subject != "memory" } }

  /// Units made since the daemon started, by stage.
  var made: [String: Int] { Dictionary(uniqueKeysWithValues: stages.map { ($0.name, $0.made) }) }
}

/// A real `primatrixd` in a scratch directory, driven as a user drives it. Killed at the end of the test at the latest.
final class DaemonFixture {
  let directory: URL
  private var process: Process?
  /// The daemon that is started.
  var program = Checkout.products.appending(path: "primatrixd")

  var state: URL { directory.appending(path: "state") }
  var inbox: URL { state.appending(path: "inbox") }
  private var configuration: URL { directory.appending(path: "primatrix.toml") }
  private var log: URL { directory.appending(path: "daemon.log") }

  /// - Parameter toml: everything but `state_dir` and the control socket.
  init(in directory: URL, toml: String) throws {
    self.directory = directory
    try configure(toml)
  }

  /// Writes the configuration, anew for a daemon that runs.
  ///
  /// - Parameter listen: where its dashboard is.
  func configure(_ toml: String, listen: String = "127.0.0.1:0") throws {
    try """
    state_dir = "state"
    \(toml)
    [control]
    socket = "control.sock"
    [http]
    listen = "\(listen)"
    """.write(to: configuration, atomically: true, encoding: .utf8)
  }

  deinit {
    guard let process, process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  /// - Parameters:
  ///   - failpoint: where the daemon is to kill itself, as `PRIMATRIX_FAILPOINT` names it.
  ///   - launcher: a program that listens and starts the daemon, with its arguments.
  func start(failpoint: String? = nil, through launcher: [String] = []) throws {
    let process = Process()
    process.environment = ProcessInfo.processInfo.environment.merging(
      failpoint.map { ["PRIMATRIX_FAILPOINT": $0] } ?? [:]
    ) { $1 }
    let command = launcher + [program.path, "--config", configuration.path]
    process.executableURL = URL(filePath: command[0])
    process.arguments = Array(command.dropFirst())
    _ = FileManager.default.createFile(atPath: log.path, contents: nil)
    let handle = try FileHandle(forWritingTo: log)
    try handle.seekToEnd()
    process.standardError = handle
    process.standardOutput = handle
    try process.run()
    self.process = process
  }

  /// False once the daemon has ended, by itself or by a failpoint.
  var isRunning: Bool { process?.isRunning ?? false }

  /// That of the daemon that was started last.
  var processIdentifier: Int32 { process?.processIdentifier ?? -1 }

  /// SIGKILL, as a power cut would: nothing is tidied.
  func kill() async throws {
    guard let process, process.isRunning else { return }
    Foundation.kill(process.processIdentifier, SIGKILL)
    _ = try await Command.end(of: process)
    self.process = nil
  }

  func signal(_ number: Int32) { process.map { _ = Foundation.kill($0.processIdentifier, number) } }

  /// SIGTERM; returns the exit status.
  func stop() async throws -> Int32 {
    process?.terminate()
    return try await end()
  }

  /// Waits until it has ended by itself; returns the exit status.
  func end() async throws -> Int32 {
    guard let process else { return -1 }
    defer { self.process = nil }
    return try await Command.end(of: process)
  }

  @discardableResult
  func control(_ arguments: String...) async throws -> Data {
    try await Command.runAside(
      Checkout.products.appending(path: "primatrixctl").path, ["--config", configuration.path] + arguments)
  }

  func status() async throws -> Status {
    try await JSONDecoder().decode(Status.self, from: control("status", "--json"))
  }

  /// Asks until the condition holds. The limit is no expectation of speed: it ends a test that would hang for ever.
  func wait(_ what: String, limit: Duration = .seconds(3600), until condition: (Status) -> Bool) async throws -> Status
  {
    let clock = ContinuousClock()
    let end = clock.now + limit
    var last = ""
    var isOver = false
    while !isOver {
      // Who was kept from looking for so long looks once more.
      isOver = clock.now >= end
      if let process, !process.isRunning {
        throw Trouble("the daemon ended with \(process.terminationStatus): \(words)")
      }
      do {
        let status = try await status()
        if condition(status) { return status }
        last = "\(status)"
      } catch let failure as Command.Failure {
        last = failure.description  // Not listening yet.
      }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Trouble("\(what) did not happen; last seen: \(last); log: \(words)")
  }

  /// Until there is a submission and nothing left to do.
  func waitUntilDone() async throws -> Status {
    try await wait("the end of the flow") { !$0.working && $0.submission != nil }
  }

  func newestSubmission() throws -> Data {
    try Data(contentsOf: state.appending(path: "output/latest.csv"))
  }

  /// Every shard with the time of its last change: what must not be touched again.
  func shards() throws -> Set<String> {
    let folder = state.appending(path: "features")
    let all = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
    return Set(
      try all.filter { $0.hasSuffix(".safetensors") }.map { name in
        let attributes = try FileManager.default.attributesOfItem(atPath: folder.appending(path: name).path)
        return "\(name) \(attributes[.modificationDate] ?? "")"
      })
  }

  private var words: String { String(decoding: ((try? Data(contentsOf: log)) ?? Data()).suffix(4000), as: UTF8.self) }

  struct Trouble: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
  }
}

/// The rows of a CSV without its header.
enum Rows {
  static func of(_ csv: Data) -> [String] {
    String(decoding: csv, as: UTF8.self).split(separator: "\n").dropFirst().map(String.init)
  }
}

/// A small sample data set and a configuration that works on it.
enum SampleDataset {
  static let clips = 40

  /// Training that is over in seconds, and still of two levels.
  static let quickEnsemble = """
    [ensemble]
    models = ["motion-dense"]
    folds = 3
    epochs = 2
    pseudo_label_epochs = 1
    stack_folds = 2
    """

  static func toml(_ dataset: URL, ensemble: String = quickEnsemble) -> String {
    """
    [[source]]
    id = "sample"
    urls = ["file://\(dataset.path)/raw.tar.gz"]
    [labels]
    train = "\(dataset.path)/train_labels.csv"
    submission_format = "\(dataset.path)/submission_format.csv"
    \(ensemble)
    """
  }

  static func make(in directory: URL) async throws -> URL {
    let dataset = directory.appending(path: "dataset")
    try await Command.runAside(
      Checkout.root.appending(path: "scripts/make-sample-dataset.py").path,
      ["--out", dataset.path, "--clips", "\(clips)", "--seed", "7"])
    return dataset
  }
}
