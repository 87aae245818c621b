package import Control
package import Foundation
internal import Pages
internal import Vocabulary

/// What is to be seen at `[http] listen`, besides what may be read at the control socket.
package enum WebRoute: String, CaseIterable, Sendable {
  case dashboard = "/"
  case report = "/report"
  case metrics = "/metrics"
}

/// The pages and the API's readable part: nothing here changes anything, whoever asks.
package struct WebRoutes: Routes {
  private let service: any ControlService
  private let control: ControlRoutes
  private static let methods = ["GET", "HEAD"]

  package init(_ service: any ControlService) {
    self.service = service
    control = ControlRoutes(service)
  }

  package func bodyLimit(of path: String) -> Int { 0 }

  package func refusal(method: String, path: String, announced: Int) -> ControlAnswer? {
    if WebRoute(rawValue: path) != nil {
      return Self.methods.contains(method) ? nil : .wrongMethod(method, allowed: Self.methods)
    }
    guard let route = ControlRoute(path: path) else {
      return .problem(404, "there is no \(path.prefix(100))", next: "try / or \(ControlRoute.status.path)")
    }
    if route.changes {
      return .problem(
        403, "nothing can be changed from here",
        next: "use primatrixctl \(route.rawValue), which asks the control socket")
    }
    return control.refusal(method: method, path: path, announced: announced)
  }

  package func answer(method: String, path: String, query: [String: String], body: Data) -> ControlAnswer {
    if let refusal = refusal(method: method, path: path, announced: body.count) { return refusal }
    switch WebRoute(rawValue: path) {
    case .dashboard: return dashboard()
    case .report: return report()
    case .metrics:
      return ControlAnswer(
        status: 200, contentType: Metrics.contentType, body: .bytes(Data(Metrics(service.status()).text.utf8)))
    case nil: return control.answer(method: method, path: path, query: query, body: body)
    }
  }

  private static let html = "text/html; charset=utf-8"
  /// What only a header can say: no page elsewhere shows this one as a part of itself.
  private static let policy = "\(Page.contentSecurityPolicy); frame-ancestors 'none'"

  private func dashboard() -> ControlAnswer {
    let hasReport = service.newestReportPage().map { FileManager.default.fileExists(atPath: $0.display) } ?? false
    let page = DashboardPage(service.status(), runs: service.newestRuns().runs, hasReport: hasReport, now: Date())
    return ControlAnswer(status: 200, contentType: Self.html, body: .bytes(page.data), policy: Self.policy)
  }

  private func report() -> ControlAnswer {
    let missing = ControlProblem(problem: "there is no report yet", next: "see what it is at: /")
    guard let path = service.newestReportPage() else { return .json(missing, status: 404) }
    return ControlAnswer(
      status: 200, contentType: Self.html, body: .file(path, orElse: missing), policy: Self.policy)
  }
}
