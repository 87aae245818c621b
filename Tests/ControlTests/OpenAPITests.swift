import Control
import Dashboard
import Foundation
import TestSupport
import Testing
import Vocabulary

/// `docs/openapi.yaml` says what the program does.
struct OpenAPITests {
  private static let text =
    (try? String(contentsOf: Checkout.root.appending(path: "docs/openapi.yaml"), encoding: .utf8)) ?? ""

  /// The methods that the file names, by path.
  private var described: [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    var path = ""
    for line in Self.text.split(separator: "\n") {
      if line.hasPrefix("  /") { path = line.trimmingCharacters(in: [" ", ":"]) }
      for method in ["get", "post", "put", "delete"] where line == "    \(method):" {
        found[path, default: []].insert(method.uppercased())
      }
    }
    return found
  }

  @Test func everyRouteIsDescribedAndNoOther() {
    let routes =
      ControlRoute.allCases.map { ($0.path, Set($0.methods).subtracting(["HEAD"])) }
      + WebRoute.allCases.map { ($0.rawValue, ["GET"]) }
    #expect(described == Dictionary(uniqueKeysWithValues: routes))
  }

  @Test func everyRequestHasItsRoute() {
    for request in ControlRequest.allCases { #expect(request.route.path == "/v1/\(request)") }
  }

  /// Every key that may stand in an answer is in the file.
  @Test func everyKeyIsDescribed() throws {
    let answers: [any Encodable] = [
      StubService.report, StubService.detail, StubService.runList, ControlAcceptance(accepted: ""),
      RetryRequest(names: ["a"]), ControlProblem(problem: "", next: ""),
    ]
    for answer in answers {
      let object = try JSONSerialization.jsonObject(with: ControlJSON.encoder.encode(answer))
      for key in keys(object) {
        #expect(Self.text.contains(" \(key): ") || Self.text.contains(" \(key):\n"), "\(key) is not described")
      }
    }
  }

  private func keys(_ value: Any) -> Set<String> {
    if let object = value as? [String: Any] {
      return object.values.reduce(into: Set(object.keys)) { $0.formUnion(keys($1)) }
    }
    if let list = value as? [Any] { return list.reduce(into: []) { $0.formUnion(keys($1)) } }
    return []
  }
}
