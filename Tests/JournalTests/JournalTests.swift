import Foundation
import Journal
import TestSupport
import Testing

@Suite struct JournalTests {
  private static let probe = Checkout.products.appending(path: "JournalProbe").path

  @Test func aLineHoldsTimeLevelMessageAndFields() {
    let line = JournalLine.text(
      .warning, "clip is set aside", [(.stage, "extract"), (.duration, "1.5")], at: Date(timeIntervalSince1970: 0))
    #expect(line == "1970-01-01T00:00:00Z warning: clip is set aside (stage=extract duration=1.5)")
    #expect(JournalLine.text(.info, "x", [], at: Date(timeIntervalSince1970: 0)) == "1970-01-01T00:00:00Z info: x")
  }

  @Test func theJournalGetsFieldsAndTheEventsNumber() {
    #expect(
      Journal.entries(.warning, "clip is set aside", .clipSetAside, [(.stage, "extract"), (.duration, "1.5")]) == [
        "MESSAGE=clip is set aside", "PRIORITY=4", "SYSLOG_IDENTIFIER=primatrixd",
        "MESSAGE_ID=3247a4d637214253875b3f2e379c2cf1", "PRIMATRIX_STAGE=extract", "PRIMATRIX_DURATION=1.5",
      ])
    #expect(Journal.entries(.info, "x", nil, []).count == 3)
  }

  /// A datagram socket stands in for systemd's.
  @Test func theServiceManagerHearsEveryState() throws {
    try Scratch.with { directory in
      let path = directory.appending(path: "notify").path
      let socket = try NotifySocket(path)
      try Command.run(Self.probe, ["notify"], environment: ["NOTIFY_SOCKET": path])
      #expect(
        (0..<4).map { _ in socket.receive() } == [
          "READY=1", "STATUS=extracting: 40 of 120", "WATCHDOG=1", "STOPPING=1",
        ])
      let reloading = socket.receive().split(separator: "=")
      #expect(reloading.first == "RELOADING" && Int(reloading.last ?? "") != nil)
    }
  }

  @Test func theWatchdogPeriodIsSystemds() throws {
    #expect(try period(after: "unset WATCHDOG_USEC WATCHDOG_PID") == "nil\n")
    #expect(try period(after: "export WATCHDOG_USEC=60000000 WATCHDOG_PID=$$") == "60.0\n")
    #expect(try period(after: "export WATCHDOG_USEC=60000000 WATCHDOG_PID=1") == "nil\n", "another process is watched")
  }

  /// What the probe says whose environment a shell has prepared; it has the shell's process number.
  private func period(after commands: String) throws -> String {
    String(decoding: try Command.run("sh", ["-c", "\(commands); exec \"$0\" watchdog", Self.probe]), as: UTF8.self)
  }
}

private final class NotifySocket {
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let bound = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    var timeout = timeval(tv_sec: 5, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  func receive() -> String {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
  }
}
