internal import Foundation
internal import Subprocesses
internal import Vocabulary
internal import WorkUnits

/// Has a worker do a unit for this program: what opens networks and videos links their libraries, and this program does not.
enum Inspection {
  /// What was found of each network, in their order.
  static func run(_ spec: InspectSpec) throws(CommandFailure) -> [InspectReport.Entry] {
    try work(.inspect(spec)) { try read(InspectReport.self, $0.appending(path: InspectSpec.reportName)).entries }
  }

  /// Decodes a clip whole, as an extraction does.
  ///
  /// - Returns: how that ended, and the seconds that it took with the start of the worker.
  static func decode(_ clip: ClipFile) throws(CommandFailure) -> (outcome: ClipOutcome?, seconds: Double) {
    let spec = ExtractSpec(clips: [clip], backbones: [], cache: nil, micro: .standard)
    let start = ContinuousClock.now
    let ledger = try work(.extract(spec)) { try read(ExtractLedger.self, $0.appending(path: ExtractSpec.ledgerName)) }
    return (ledger.entries.first?.outcome, (ContinuousClock.now - start) / .seconds(1))
  }

  /// - Parameter result: reads what the worker has put into its folder, which is gone afterwards.
  private static func work<Result>(
    _ spec: WorkSpec, result: (URL) throws -> Result
  ) throws(CommandFailure) -> Result {
    let worker = try Installed.program("primatrix-worker")
    let folder = FileManager.default.temporaryDirectory.appending(path: "primatrixctl-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    let kind = spec.kind.rawValue
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let file = folder.appending(path: "spec.json")
      try CanonicalJSON.encode(spec).write(to: file)
      let end = try start(worker, [kind, "--spec", file.path, "--output", folder.path])
      guard end == .exited(0) else {
        throw CommandFailure(.software, "primatrix-worker \(kind) ended with \(end)")
      }
      return try result(folder)
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.unavailable, "primatrix-worker \(kind): \(error)")
    }
  }

  private static func read<Value: Decodable>(_ type: Value.Type, _ file: URL) throws -> Value {
    try CanonicalJSON.decode(type, from: Data(contentsOf: file))
  }

  private static func start(_ worker: BytePath, _ arguments: [String]) throws -> ChildEnd {
    let null = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(null) }
    let child = try ChildProcess(
      executable: worker, arguments: arguments, environment: ["LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"],
      descriptors: [.init(from: null, to: 0), .init(from: null, to: 1), .init(from: 2, to: 2)])
    return child.wait()
  }
}
