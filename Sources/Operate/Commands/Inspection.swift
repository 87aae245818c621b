internal import Foundation
internal import Subprocesses
internal import Vocabulary
internal import WorkUnits

/// Has a worker look into networks: what opens their files links the runtime, and this program does not.
enum Inspection {
  /// What was found of each, in their order.
  static func run(_ spec: InspectSpec) throws(CommandFailure) -> [InspectReport.Entry] {
    let worker = try Installed.program("primatrix-worker")
    let folder = FileManager.default.temporaryDirectory.appending(path: "primatrixctl-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let file = folder.appending(path: "spec.json")
      try CanonicalJSON.encode(WorkSpec.inspect(spec)).write(to: file)
      let arguments = [WorkKind.inspect.rawValue, "--spec", file.path, "--output", folder.path]
      let end = try start(worker, arguments)
      let report = folder.appending(path: InspectSpec.reportName)
      guard end == .exited(0), let data = FileManager.default.contents(atPath: report.path) else {
        throw CommandFailure(.software, "the networks cannot be looked into: primatrix-worker ended with \(end)")
      }
      return try CanonicalJSON.decode(InspectReport.self, from: data).entries
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure(.unavailable, "the networks cannot be looked into: \(error)")
    }
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
