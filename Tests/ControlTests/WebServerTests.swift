import Control
import Dashboard
import Foundation
import TestSupport
import Testing
import Vocabulary

/// What anybody who reaches the port may see, over a real connection.
struct WebServerTests {
  private static let page = "<!DOCTYPE html><title>report</title>"

  private func withServer<Result>(
    host: String = "127.0.0.1", isBroken: Bool = false, _ body: (WebServer, StubService) throws -> Result
  ) throws -> Result {
    try Scratch.with { directory in
      let report = directory.appending(path: "report.html")
      try Data(Self.page.utf8).write(to: report)
      let service = StubService(report: BytePath(report.path), isBroken: isBroken)
      let server = try WebServer(ListenAddress(host: host, port: 0), routes: WebRoutes(service))
      defer { server.stop() }
      return try body(server, service)
    }
  }

  /// Status, headers and body, by curl.
  private func ask(
    _ server: WebServer, _ path: String, _ options: [String] = []
  ) throws -> (status: Int, head: String, body: String) {
    let answer = String(
      decoding: try Command.run(
        "curl", ["-sS", "-i", "--noproxy", "*"] + options + ["http://\(server.address)\(path)"]),
      as: UTF8.self)
    let parts = answer.components(separatedBy: "\r\n\r\n")
    return (Int(answer.split(separator: " ")[1]) ?? 0, parts[0], parts.dropFirst().joined())
  }

  @Test(arguments: ["127.0.0.1", "::1"]) func pagesAndNumbersAreThere(host: String) throws {
    try withServer(host: host) { server, _ in
      #expect(server.address.port != 0)
      let dashboard = try ask(server, "/")
      #expect(dashboard.status == 200 && dashboard.body.contains("at work"))
      #expect(dashboard.head.contains("Content-Security-Policy: default-src 'none'; style-src 'sha256-"))
      #expect(dashboard.head.contains("frame-ancestors 'none'") && dashboard.head.contains("nosniff"))
      let metrics = try ask(server, "/metrics")
      #expect(metrics.status == 200 && metrics.body.contains("\nprimatrix_working 1\n"))
      #expect(metrics.head.contains("text/plain; version=0.0.4"))
      #expect(try ask(server, "/report").body == Self.page)
      let status = try ask(server, "/v1/status")
      #expect(try ControlJSON.decoder.decode(StatusReport.self, from: Data(status.body.utf8)) == StubService.report)
      #expect(try ask(server, "/", ["--head"]).body.isEmpty)
    }
  }

  @Test(arguments: ControlRoute.allCases.filter(\.changes)) func nothingIsChangedFromThere(route: ControlRoute) throws {
    try withServer { server, service in
      for method in ["POST", "PUT", "GET", "DELETE"] {
        let answer = try ask(server, route.path, ["-X", method])
        #expect(answer.status == 403 && answer.body.contains("primatrixctl \(route.rawValue)"), "\(method)")
      }
      #expect(service.requests.isEmpty && service.retries.isEmpty)
    }
  }

  @Test(
    arguments: [
      ("/", ["-X", "POST"], 405), ("/metrics", ["-d", "x"], 405), ("/v1/status", ["-X", "POST"], 405),
      ("/nowhere", [], 404),
      ("/v1/clips?limit=0", [], 400), ("/report/../v1/reload", ["--path-as-is"], 404),
      ("/", ["-H", "Host: evil.example"], 403), ("/v1/status", ["-H", "Host: evil.example:8642"], 403),
      ("/", ["-H", "Host: localhost:1"], 200), ("/", ["-H", "Host;"], 403),
    ] as [(String, [String], Int)])
  func whatIsRefused(path: String, options: [String], status: Int) throws {
    try withServer { server, _ in
      let answer = try ask(server, path, options)
      #expect(answer.status == status)
    }
  }

  @Test func aCatalogThatIsAwayHidesNothingElse() throws {
    try withServer(isBroken: true) { server, _ in
      let page = try ask(server, "/")
      #expect(page.body.contains("at work") && page.body.contains("<th scope=\"row\">b</th>"))
    }
  }

  @Test func aPortThatIsTakenIsNamed() throws {
    try withServer { server, service in
      let refusal = #expect(throws: WebServer.Refusal.self) {
        try WebServer(server.address, routes: WebRoutes(service))
      }
      #expect(refusal?.description == "\(server.address) cannot be listened at: Address already in use")
    }
  }

  @Test(
    arguments: [
      (nil, true), ("127.0.0.1:8642", true), ("[::1]:8642", true), ("10.1.2.3", true), ("localhost", true),
      ("cam.localhost:80", true), ("Server", true), ("server.lab.example:8642", true), ("server.other.example", false),
      ("cams.example:443", true), ("x.cams.example", false), ("server.local", true), ("other.local", false),
      ("lab.example", false), ("evil.example", false), ("evil.example:8642", false), ("", false), (":8642", false),
      ("127.0.0.1.evil.example", false), ("localhost.evil.example", false), ("[::1", true),
    ] as [(String?, Bool)])
  func onlyTheMachinesOwnNames(host: String?, isAdmitted: Bool) {
    let gate = NameGate(
      ["Cams.example"], machine: "server.lab.example", address: ListenAddress(host: "127.0.0.1", port: 1))
    #expect(gate.admits(host: host) == isAdmitted)
  }
}
