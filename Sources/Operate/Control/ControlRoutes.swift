package import Foundation
internal import Vocabulary

/// The API, apart from sockets: a request in, an answer out.
package struct ControlRoutes: Routes {
  private let service: any ControlService

  package init(_ service: any ControlService) { self.service = service }

  package func refusal(method: String, path: String, announced: Int = 0) -> ControlAnswer? {
    guard let route = ControlRoute(path: path) else {
      return .problem(404, "there is no \(path.prefix(100))", next: "try \(ControlRoute.status.path)")
    }
    guard route.methods.contains(method) else { return .wrongMethod(method, allowed: route.methods) }
    guard announced <= route.bodyLimit else {
      let next = route.bodyLimit == 0 ? "send none" : "send \(route.bodyLimit) bytes at most"
      return .problem(413, "a body of \(announced) bytes is too much", next: next)
    }
    return nil
  }

  package func bodyLimit(of path: String) -> Int { ControlRoute(path: path)?.bodyLimit ?? 0 }

  package func answer(method: String, path: String, query: [String: String], body: Data = Data()) -> ControlAnswer {
    if let refusal = refusal(method: method, path: path, announced: body.count) { return refusal }
    do {
      switch ControlRoute(path: path) ?? .status {
      case .status: return .json(service.status())
      case .clips: return try .json(service.clips(clipQuery(query)))
      case .clip: return try .json(service.clip(name(query)))
      case .runs: return try .json(service.runs())
      case .submission: return file(service.newestSubmission(), "text/csv", noun: "submission")
      case .report: return file(service.newestReport(), "application/json", noun: "report")
      case .version: return .json(["version": Version.text])
      case .pause: return try take(.pause)
      case .resume: return try take(.resume)
      case .retrain: return try take(.retrain)
      case .rescore: return try take(.rescore)
      case .retry: return try accepted(service.retry(names(body)))
      case .reload: return reload()
      }
    } catch let refusal as ControlRefusal {
      return .json(refusal.problem, status: refusal.status)
    } catch {
      return .problem(503, "\(error)", next: "try again")
    }
  }

  private func take(_ request: ControlRequest) throws -> ControlAnswer {
    try service.ask(request)
    return accepted(request.answer)
  }

  private func accepted(_ words: String) -> ControlAnswer { .json(ControlAcceptance(accepted: words), status: 202) }

  private func reload() -> ControlAnswer {
    do {
      return .json(ControlAcceptance(accepted: try service.reload()))
    } catch {
      return .problem(422, "\(error)", next: "what was in force stays; correct the configuration and reload again")
    }
  }

  private func clipQuery(_ query: [String: String]) throws -> ClipQuery {
    var wanted = ClipQuery()
    for (name, value) in query.sorted(by: { $0.key < $1.key }) {
      switch name {
      case "state" where ClipQuery.states.contains(value): wanted.state = value
      case "after":
        guard let after = Int64(value), after >= 0 else { throw Self.bad(name, value) }
        wanted.after = after
      case "limit":
        guard let limit = Int(value), ClipQuery.limits.contains(limit) else { throw Self.bad(name, value) }
        wanted.limit = limit
      default: throw Self.bad(name, value)
      }
    }
    return wanted
  }

  private func name(_ query: [String: String]) throws -> BytePath {
    for (name, value) in query.sorted(by: { $0.key < $1.key }) where name != "name" || value.isEmpty {
      throw Self.bad(name, value)
    }
    guard let name = query["name"] else {
      throw ControlRefusal.malformed("no clip is named", next: "ask for \(ControlRoute.clip.path)?name=NAME")
    }
    return BytePath(name)
  }

  private func names(_ body: Data) throws -> [BytePath] {
    if body.isEmpty { return [] }
    guard let request = try? ControlJSON.decoder.decode(RetryRequest.self, from: body) else {
      throw ControlRefusal.malformed("the body is not understood", next: #"send {"names": ["a.mp4"]}, or no body"#)
    }
    return request.names
  }

  private static func bad(_ name: String, _ value: String) -> ControlRefusal {
    .malformed(
      "\(name.prefix(40))=\(value.prefix(40)) is not understood",
      next:
        "state is one of \(ClipQuery.states.joined(separator: ", ")); limit is at most \(ClipQuery.limits.upperBound)")
  }

  private func file(_ path: BytePath?, _ type: String, noun: String) -> ControlAnswer {
    let missing = ControlProblem(problem: "there is no \(noun) yet", next: "see what it is at: primatrixctl status")
    guard let path else { return .json(missing, status: 404) }
    return ControlAnswer(status: 200, contentType: type, body: .file(path, orElse: missing))
  }
}

extension ControlRefusal {
  fileprivate static func malformed(_ problem: String, next: String) -> ControlRefusal {
    ControlRefusal(status: 400, problem: ControlProblem(problem: problem, next: next))
  }
}
