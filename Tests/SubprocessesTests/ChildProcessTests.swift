import Foundation
import Subprocesses
import Testing
import Vocabulary

@Suite struct ChildProcessTests {
  /// Runs a shell command on a thread of its own and returns how it ended and what it printed.
  private func shell(
    _ command: String, environment: [String: String] = ["PATH": "/usr/bin:/bin"]
  ) async throws -> (ChildEnd, String) {
    try await BlockingThread.run(named: "child") {
      let pipe = Pipe()
      let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
      defer { close(null) }
      let child = try ChildProcess(
        executable: "/bin/sh", arguments: ["-c", command], environment: environment,
        descriptors: [
          .init(from: null, to: 0), .init(from: pipe.fileHandleForWriting.fileDescriptor, to: 1),
          .init(from: 2, to: 2),
        ])
      try pipe.fileHandleForWriting.close()
      let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
      return (child.wait(), String(decoding: output, as: UTF8.self))
    }
  }

  @Test func exitStatusAndOutput() async throws {
    #expect(try await shell("echo \"$GREETING\"; exit 7", environment: ["GREETING": "hi"]) == (.exited(7), "hi\n"))
  }

  @Test func endBySignal() async throws {
    #expect(try await shell("kill -TERM $$").0 == .signalled(SIGTERM))
  }

  /// The child sees what it was given and nothing else, whatever this process leaves inheritable.
  @Test func noDescriptorLeaks() async throws {
    let leaky = open("/dev/null", O_RDONLY)  // No O_CLOEXEC: what careless libraries do.
    defer { close(leaky) }
    let (_, listing) = try await shell("for n in $(seq 0 200); do [ -e /proc/$$/fd/$n ] && echo $n; done; true")
    #expect(listing.split(separator: "\n").sorted() == ["0", "1", "2"])
  }

  @Test func missingExecutable() throws {
    let error = #expect(throws: SpawnError.self) {
      _ = try ChildProcess(executable: "/no/such/program", arguments: [], environment: [:], descriptors: []).wait()
    }
    #expect(error?.code == ENOENT)
  }

  @Test func dyingParentTakesTheChildAlong() async throws {
    // The thread that starts the child ends at once; the child is gone although nobody signalled it.
    let status = try await BlockingThread.run(named: "outer") {
      let box = Box()
      let done = DispatchSemaphore(value: 0)
      BlockingThread.start(named: "short-lived") {
        box.pid = try? Self.sleeper()
        done.signal()
      }
      done.wait()
      var code: Int32 = 0
      waitpid(box.pid ?? 0, &code, 0)
      return code & 0x7f
    }
    #expect(status == SIGKILL)
  }

  private static func sleeper() throws -> Int32 {
    let child = try ChildProcess(
      executable: "/bin/sleep", arguments: ["1000"], environment: [:], descriptors: [])
    return child.pid
  }

  /// Written before the semaphore is signalled, read after.
  private final class Box: @unchecked Sendable { var pid: Int32? }
}
