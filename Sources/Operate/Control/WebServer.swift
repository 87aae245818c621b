internal import CLinux
internal import Foundation
package import Vocabulary

/// Answers HTTP at a TCP port, to whoever reaches it: its routes must be fit for anybody's eyes.
package final class WebServer: Sendable {
  /// Where it listens: its port is the one that was taken where any was wanted.
  package let address: ListenAddress
  private let server: HTTPServer

  package struct Refusal: Error, CustomStringConvertible {
    package var description: String
  }

  /// Listens from now on.
  package init(_ wanted: ListenAddress, routes: any Routes) throws(Refusal) {
    let descriptor = clinux_listen_tcp(wanted.host, wanted.port)
    guard descriptor >= 0 else {
      throw Refusal(description: "\(wanted) cannot be listened at: \(String(cString: strerror(-descriptor)))")
    }
    address = ListenAddress(host: wanted.host, port: UInt16(clamping: clinux_port(descriptor)))
    guard let server = HTTPServer(descriptor, gate: NameGate(), routes: routes) else {
      throw Refusal(description: "\(wanted): the server cannot be started")
    }
    self.server = server
  }

  /// Ends open answers. May be called again.
  package func stop() { server.stop() }
}

/// Lets in everybody who asks for this machine by its address or its own name. Any other name is one that a page elsewhere has
/// had point here, so that its script may read what a browser gets (DNS rebinding).
package struct NameGate: Gate {
  private let machine: String

  package init(machine: String = ProcessInfo.processInfo.hostName) { self.machine = machine.lowercased() }

  func admits(_ descriptor: Int32) -> Bool { true }

  package func admits(host: String?) -> Bool {
    // A program of HTTP 1.0 names none, a browser always does.
    guard let host = host?.lowercased() else { return true }
    let name = Self.name(host)
    if ListenAddress.isAddress(name) { return true }
    let first = machine.split(separator: ".").first.map(String.init) ?? machine
    return name == "localhost" || name.hasSuffix(".localhost") || (!name.isEmpty && (name == machine || name == first))
  }

  /// Without the port, and an IPv6 address without its brackets.
  private static func name(_ host: String) -> String {
    if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
    return host.split(separator: ":", omittingEmptySubsequences: false).first.map(String.init) ?? ""
  }

  var refusal: ControlAnswer {
    .problem(403, "this name is not this machine's", next: "ask for it by its address, such as http://127.0.0.1:8642")
  }
}
