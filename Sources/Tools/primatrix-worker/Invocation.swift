import Foundation
import Vocabulary
import WorkUnits

/// What the command line asks for.
struct Invocation {
  var kind: WorkKind
  var spec: BytePath
  var output: BytePath

  init?(_ arguments: [String]) {
    guard arguments.count == 6, let kind = WorkKind(rawValue: arguments[1]), arguments[2] == "--spec",
      arguments[4] == "--output"
    else { return nil }
    self.kind = kind
    spec = BytePath(arguments[3])
    output = BytePath(arguments[5])
  }

  /// This very program, wherever it was started from.
  static var executable: BytePath {
    BytePath((try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0])
  }

  func readSpec() throws -> WorkSpec {
    guard let data = FileManager.default.contents(atPath: spec.display) else {
      throw WorkError(.environment, "\(spec): the spec cannot be read")
    }
    guard let spec = try? CanonicalJSON.decode(WorkSpec.self, from: data), spec.kind == kind else {
      throw WorkError(.failure, "\(spec): not the spec of a unit that this version knows as \(kind.rawValue)")
    }
    return spec
  }

  /// Leaves the reason where the executor looks for it.
  func leave(_ failure: WorkError) {
    guard let data = try? CanonicalJSON.encode(failure) else { return }
    try? data.write(to: URL(filePath: output.appending(WorkFile.failure).display))
  }
}
