internal import CLinux
internal import Foundation
package import Vocabulary

/// Answers HTTP at a TCP port, to whoever reaches it: its routes must be fit for anybody's eyes.
package final class WebServer: Sendable {
  /// Where it listens: its port is the one that was taken where any was wanted.
  package let address: ListenAddress
  private let server: HTTPServer
  /// Fewer than at the control socket: whoever comes is a stranger, and an answer that he does not read is held in memory.
  private static let places = 32

  /// For a browser on this machine, or where all of its addresses are listened at, on another.
  package var location: String {
    let isAny = address.host == "0.0.0.0" || address.host == "::"
    return "http://\(isAny ? "\(ProcessInfo.processInfo.hostName):\(address.port)" : "\(address)")"
  }

  package struct Refusal: Error, CustomStringConvertible {
    package var description: String
  }

  /// Listens from now on.
  ///
  /// - Parameter names: by which the machine is called, besides its addresses and the name it has itself.
  package init(_ wanted: ListenAddress, names: [String] = [], routes: any Routes) throws(Refusal) {
    let descriptor = clinux_listen_tcp(wanted.host, wanted.port)
    guard descriptor >= 0 else {
      throw Refusal(description: "\(wanted) cannot be listened at: \(String(cString: strerror(-descriptor)))")
    }
    address = ListenAddress(host: wanted.host, port: UInt16(clamping: clinux_port(descriptor)))
    guard
      let server = HTTPServer(descriptor, places: Self.places, gate: NameGate(names, address: address), routes: routes)
    else {
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
  private let names: Set<String>
  private let address: ListenAddress

  package init(_ names: [String], machine: String = ProcessInfo.processInfo.hostName, address: ListenAddress) {
    let machine = machine.lowercased()
    let short = machine.split(separator: ".").first.map(String.init) ?? machine
    self.names = Set(names.map { $0.lowercased() } + [machine, short, "\(short).local", "localhost"])
    self.address = address
  }

  func admits(_ descriptor: Int32) -> Bool { true }

  package func admits(host: String?) -> Bool {
    // A program of HTTP 1.0 names none, a browser always does.
    guard let host = host?.lowercased() else { return true }
    let name = Self.name(host)
    if ListenAddress.isAddress(name) { return true }
    return names.contains(name) || name.hasSuffix(".localhost")
  }

  /// Without the port, and an IPv6 address without its brackets.
  private static func name(_ host: String) -> String {
    if host.hasPrefix("[") { return String(host.dropFirst().prefix { $0 != "]" }) }
    return host.split(separator: ":", omittingEmptySubsequences: false).first.map(String.init) ?? ""
  }

  var refusal: ControlAnswer {
    .problem(
      403, "this is not a name of this machine",
      next: "ask by its address, as http://\(address), or add the name to [http] names")
  }
}
