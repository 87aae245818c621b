internal import Foundation
internal import Vocabulary

/// The API, apart from sockets: a request in, an answer out.
package struct ControlRoutes: Sendable {
  private let service: any ControlService

  package init(_ service: any ControlService) { self.service = service }

  /// - Parameter query: the address's parameters.
  package func answer(method: String, path: String, query: [String: String]) -> ControlAnswer {
    if let request = ControlRequest.allCases.first(where: { path == "/v1/\($0)" }) {
      return method == "POST" ? take(request) : Self.refused(method, allowed: "POST")
    }
    if path == "/v1/reload" { return method == "POST" ? reload() : Self.refused(method, allowed: "POST") }
    guard ["/v1/status", "/v1/clips", "/v1/submission", "/v1/version"].contains(path) else {
      return .problem(
        404, "there is no \(path.prefix(100))", next: "try /v1/status, /v1/clips, /v1/submission or /v1/version")
    }
    guard method == "GET" || method == "HEAD" else { return Self.refused(method, allowed: "GET, HEAD") }
    switch path {
    case "/v1/status": return .json(service.status())
    case "/v1/clips": return clips(query)
    case "/v1/submission": return submission()
    default: return .json(["version": Version.text])
    }
  }

  private static func refused(_ method: String, allowed: String) -> ControlAnswer {
    var answer = ControlAnswer.problem(405, "\(method.prefix(20)) is not possible here", next: "use \(allowed)")
    answer.allowed = allowed
    return answer
  }

  private func take(_ request: ControlRequest) -> ControlAnswer {
    do {
      try service.ask(request)
      return .json(ControlAcceptance(accepted: request.answer), status: 202)
    } catch {
      return .problem(503, "\(error)", next: "try again")
    }
  }

  private func reload() -> ControlAnswer {
    do {
      return .json(ControlAcceptance(accepted: try service.reload()))
    } catch {
      return .problem(422, "\(error)", next: "what was in force stays; correct the configuration and reload again")
    }
  }

  private func clips(_ query: [String: String]) -> ControlAnswer {
    var wanted = ClipQuery()
    for (name, value) in query.sorted(by: { $0.key < $1.key }) {
      switch name {
      case "state" where ClipQuery.states.contains(value): wanted.state = value
      case "after":
        guard let after = Int64(value), after >= 0 else { return bad(name, value) }
        wanted.after = after
      case "limit":
        guard let limit = Int(value), ClipQuery.limits.contains(limit) else { return bad(name, value) }
        wanted.limit = limit
      default: return bad(name, value)
      }
    }
    do {
      return .json(try service.clips(wanted))
    } catch {
      return .problem(503, "\(error)", next: "try again")
    }
  }

  private func bad(_ name: String, _ value: String) -> ControlAnswer {
    .problem(
      400, "\(name.prefix(40))=\(value.prefix(40)) is not understood",
      next:
        "state is one of \(ClipQuery.states.joined(separator: ", ")); limit is at most \(ClipQuery.limits.upperBound)")
  }

  private func submission() -> ControlAnswer {
    guard let path = service.newestSubmission() else { return Self.noSubmission }
    return ControlAnswer(status: 200, contentType: "text/csv", body: .file(path))
  }

  /// Also for a file that is gone when it is to be sent.
  static let noSubmission = ControlAnswer.problem(
    404, "there is no submission yet", next: "see what it is at: primatrixctl status")
}
