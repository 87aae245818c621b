package import Foundation
internal import Subprocesses

/// Runs programs that tests need beside our own.
package enum Command {
  package struct Failure: Error, CustomStringConvertible {
    package var description: String
  }

  /// Runs a program of the PATH to its end and returns its standard output.
  ///
  /// - Throws: when it cannot be started or does not exit with 0; the error holds its standard error.
  @discardableResult
  package static func run(
    _ program: String, _ arguments: [String], in directory: URL? = nil, environment: [String: String] = [:]
  ) throws -> Data {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = directory
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    let errors = FileManager.default.temporaryDirectory.appending(path: "stderr-\(UUID().uuidString)")
    _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let words = String(decoding: (try? Data(contentsOf: errors)) ?? Data(), as: UTF8.self)
      throw Failure(description: "\(program) ended with \(process.terminationStatus): \(words.suffix(2000))")
    }
    return data
  }
}

extension Command {
  /// The same on a thread of its own. The tests share a thread for each core: one that only waits there for a program holds
  /// up all the others.
  @discardableResult
  package static func runAside(
    _ program: String, _ arguments: [String], in directory: URL? = nil, environment: [String: String] = [:]
  ) async throws -> Data {
    try await BlockingThread.run(named: "command") {
      try run(program, arguments, in: directory, environment: environment)
    }
  }

  /// Waits for the end of a program on a thread of its own; returns its exit status.
  package static func end(of process: Process) async throws -> Int32 {
    try await BlockingThread.run(named: "waiting") {
      process.waitUntilExit()
      return process.terminationStatus
    }
  }
}

/// Where this checkout and what was built of it are.
package enum Checkout {
  package static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// The folder of the built executables: the one that the test bundle itself is in.
  package static let products: URL = {
    let arguments = ProcessInfo.processInfo.arguments
    let bundle = arguments.first { $0.hasSuffix(".xctest") } ?? arguments[0]
    return URL(filePath: bundle).resolvingSymlinksInPath().deletingLastPathComponent()
  }()
}
