package import Foundation

/// A directory of a test's own, removed at its end; kept where `PRIMATRIX_KEEP_SCRATCH` is set, to look at.
package enum Scratch {
  package static func with<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let directory = try make()
    defer { remove(directory) }
    return try body(directory)
  }

  package static func with<Result: Sendable>(
    isolation: isolated (any Actor)? = #isolation, _ body: (URL) async throws -> Result
  ) async throws -> Result {
    let directory = try make()
    defer { remove(directory) }
    return try await body(directory)
  }

  private static func make() throws -> URL {
    let directory = FileManager.default.temporaryDirectory.appending(path: "primatrix-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    return directory
  }

  private static func remove(_ directory: URL) {
    if ProcessInfo.processInfo.environment["PRIMATRIX_KEEP_SCRATCH"] != nil { return }
    try? FileManager.default.removeItem(at: directory)
  }
}
