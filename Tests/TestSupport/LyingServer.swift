internal import Foundation
private import Synchronization

/// An HTTP server that does exactly what a test tells it to, connection by connection: what real servers would refuse to
/// send is sent, late, in part or not at all. One request a connection, any number of connections at once, on a port of its
/// own of 127.0.0.1 until the value goes away.
package final class LyingServer: Sendable {
  package struct Request: Sendable {
    package var method: String
    package var path: String
    /// By lower-case name.
    package var headers: [String: String]
    /// Counted from 1 over all requests.
    package var number: Int
    /// Connections open at this moment, this one among them.
    package var open: Int

    /// What `Range: bytes=FIRST-LAST` asks for; nil for a plain request.
    package var range: ClosedRange<Int>? {
      guard let text = headers["range"], text.hasPrefix("bytes=") else { return nil }
      let ends = text.dropFirst(6).split(separator: "-").compactMap { Int($0) }
      return ends.count == 2 && ends[0] <= ends[1] ? ends[0]...ends[1] : nil
    }
    package var ifRange: String? { headers["if-range"] }
  }

  /// What happens on the wire, one after the other; then the connection is closed.
  package enum Step: Sendable {
    case send([UInt8])
    case pause(milliseconds: UInt32)
    /// Nothing more until something is true. The limit of ten minutes only ends a test that would hang for ever.
    case wait(until: @Sendable () -> Bool)
    /// Nothing more until the other side gives up.
    case stall
    /// The connection is cut off with a reset.
    case reset
  }

  package typealias Behaviour = @Sendable (Request) -> [Step]

  package let port: UInt16
  private let core: Core

  package init(_ behaviour: @escaping Behaviour) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    port = try LocalPort.bind(listener)
    guard listen(listener, 64) == 0 else { throw POSIXError(.EADDRINUSE) }
    core = Core(listener, behaviour)
    Thread { [core] in core.accepting() }.start()
  }

  deinit { core.stop() }

  package func url(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }
  package var requests: [Request] { core.state.withLock { $0.requests } }

  /// When so many bytes of the answer to a request are sent, does `action` once, and sends no more on that connection.
  package func trap(request number: Int, after bytes: Int, _ action: @escaping @Sendable () -> Void) {
    core.state.withLock { $0.trap = Trap(number: number, bytes: bytes, action: action) }
  }

  /// Takes back a trap that nothing has sprung.
  package func disarm() { core.state.withLock { $0.trap = nil } }

  private struct Trap: Sendable {
    var number: Int
    var bytes: Int
    var action: @Sendable () -> Void
  }

  private final class Core: Sendable {
    struct State {
      var requests: [Request] = []
      var connections: Set<Int32> = []
      var trap: Trap?
      var isStopped = false
    }

    let state = Mutex(State())
    private let listener: Int32
    private let behaviour: Behaviour

    init(_ listener: Int32, _ behaviour: @escaping Behaviour) {
      self.listener = listener
      self.behaviour = behaviour
    }

    func accepting() {
      while true {
        let connection = accept(listener, nil, nil)
        if connection < 0 { break }
        let isWelcome = state.withLock {
          if !$0.isStopped { $0.connections.insert(connection) }
          return !$0.isStopped
        }
        if !isWelcome {
          close(connection)
          break
        }
        Thread { self.serve(connection) }.start()
      }
      close(listener)
    }

    func stop() {
      state.withLock {
        $0.isStopped = true
        // Wakes the threads; each closes its own.
        for connection in $0.connections { shutdown(connection, Int32(SHUT_RDWR)) }
      }
      shutdown(listener, Int32(SHUT_RDWR))
    }

    private func serve(_ connection: Int32) {
      if let head = Self.head(connection) {
        let request = note(head)
        perform(behaviour(request), request, connection)
      }
      _ = state.withLock { $0.connections.remove(connection) }
      close(connection)
    }

    private func note(_ head: String) -> Request {
      let lines = head.split(separator: "\r\n")
      var headers: [String: String] = [:]
      for line in lines.dropFirst() {
        let parts = line.split(separator: ":", maxSplits: 1)
        if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
      }
      let words = lines.first?.split(separator: " ").map(String.init) ?? []
      return state.withLock {
        let request = Request(
          method: words.first ?? "", path: words.dropFirst().first ?? "", headers: headers,
          number: $0.requests.count + 1, open: $0.connections.count)
        $0.requests.append(request)
        return request
      }
    }

    private func perform(_ steps: [Step], _ request: Request, _ connection: Int32) {
      var sent = 0
      for step in steps {
        switch step {
        case .send(let bytes):
          let trap = state.withLock { state -> Trap? in
            guard let trap = state.trap, trap.number <= request.number, trap.bytes <= sent + bytes.count else {
              return nil
            }
            state.trap = nil
            return trap
          }
          if let trap {
            _ = Self.send(bytes[..<max(0, trap.bytes - sent)], connection)
            trap.action()
            return Self.wait(connection)
          }
          if !Self.send(bytes[...], connection) { return }
          sent += bytes.count
        case .pause(let milliseconds): usleep(milliseconds * 1000)
        case .wait(let isTrue):
          for _ in 0..<120_000 {
            if isTrue() || state.withLock({ $0.isStopped }) { break }
            usleep(5000)
          }
        case .stall: return Self.wait(connection)
        case .reset:
          var linger = linger(l_onoff: 1, l_linger: 0)
          setsockopt(connection, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Foundation.linger>.size))
          return
        }
      }
    }

    /// Until the other side is gone.
    private static func wait(_ connection: Int32) {
      var byte: UInt8 = 0
      while recv(connection, &byte, 1, 0) > 0 {}
    }

    private static func head(_ connection: Int32) -> String? {
      var bytes: [UInt8] = []
      var byte: UInt8 = 0
      while bytes.count < 1 << 16, recv(connection, &byte, 1, 0) == 1 {
        bytes.append(byte)
        if bytes.suffix(4) == [13, 10, 13, 10] { return String(decoding: bytes, as: UTF8.self) }
      }
      return nil
    }

    private static func send(_ bytes: ArraySlice<UInt8>, _ connection: Int32) -> Bool {
      bytes.withUnsafeBytes { bytes in
        var done = 0
        while done < bytes.count {
          let count = Foundation.send(
            connection, bytes.baseAddress?.advanced(by: done), bytes.count - done, Int32(MSG_NOSIGNAL))
          if count <= 0 { return false }
          done += count
        }
        return true
      }
    }
  }
}
