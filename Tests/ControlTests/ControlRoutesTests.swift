import Control
import Foundation
import Testing
import Vocabulary

/// Requests in, answers out, without a socket.
struct ControlRoutesTests {
  /// What a terminal would obey is written as a number, and read back as it was.
  @Test func printedJSONIsHarmless() throws {
    let text = "a\u{202E}b\u{9B}31m\u{7F}\u{2028}\u{E0001}\u{1B}ï\n"
    let line = ControlJSON.line([text])
    #expect(line == #"["a\u202eb\u009b31m\u007f\u2028\udb40\udc01\u001bï\n"]"#)
    #expect(try ControlJSON.decoder.decode([String].self, from: Data(line.utf8)) == [text])
  }

  private func body(_ answer: ControlAnswer) -> String {
    if case .bytes(let data) = answer.body { String(decoding: data, as: UTF8.self) } else { "a file" }
  }

  @Test func statusIsJSONWithSortedKeys() {
    let answer = ControlRoutes(StubService()).answer(method: "GET", path: "/v1/status", query: [:])
    #expect(answer.status == 200 && answer.contentType == "application/json")
    #expect(
      body(answer) == """
        {"clips":{"decoded":1,"labelled":2,"partial":0,"pending":1,"scored":0,"total":3,"unreadable":1},\
        "headline":"at work","paused":false,"pid":42,"problems":[],"sources":[],"stages":[{"done":1,"failed":0,"made":1,\
        "name":"extract","note":"a/b.mp4","running":1,"units":[{"done":3,"epoch":2,"epochs":5,"logLoss":0.25,\
        "name":"train x","total":10}],"unitsPerMinute":0.5}],"startedAt":"2026-11-24T13:43:02Z",\
        "stateDirectory":"/state","version":"1","working":true}

        """)
  }

  @Test func clipsAreAPage() {
    let answer = ControlRoutes(StubService()).answer(method: "GET", path: "/v1/clips", query: [:])
    #expect(
      body(answer) == """
        {"clips":[{"bytes":7,"clip":"00","path":{"base64":"7w=="},"reason":"noise","state":"unreadable"},\
        {"bytes":8,"clip":"01","state":"decoded"}],"next":2}

        """)
  }

  @Test(
    arguments: [
      ([:], ClipQuery()), (["state": "partial"], ClipQuery(state: "partial")),
      (["after": "12", "limit": "10000", "state": "pending"], ClipQuery(state: "pending", after: 12, limit: 10_000)),
      (["limit": "1"], ClipQuery(limit: 1)),
    ] as [([String: String], ClipQuery)]) func queries(query: [String: String], wanted: ClipQuery)
  {
    let service = StubService()
    #expect(ControlRoutes(service).answer(method: "GET", path: "/v1/clips", query: query).status == 200)
    #expect(service.queries == [wanted])
  }

  @Test(
    arguments: [
      ("GET", "/", [:], 404, ["/v1/status"]), ("GET", "/v1/status/", [:], 404, []),
      ("GET", "/v1/../etc/passwd", [:], 404, []),
      ("POST", "/v2", [:], 404, []), ("POST", "/v1/status", [:], 405, ["POST", "GET"]),
      ("DELETE", "/v1/clips", [:], 405, ["DELETE"]), ("GET", "/v1/pause", [:], 405, ["GET", "POST"]),
      ("GET", "/v1/reload", [:], 405, ["GET", "POST"]),
      ("GET", "/v1/clips", ["state": "broken"], 400, ["state=broken", "unreadable"]),
      ("GET", "/v1/clips", ["limit": "0"], 400, ["limit=0", "10000"]),
      ("GET", "/v1/clips", ["limit": "10001"], 400, []),
      ("GET", "/v1/clips", ["limit": "x"], 400, []), ("GET", "/v1/clips", ["after": "-1"], 400, ["after=-1"]),
      ("GET", "/v1/clips", ["after": "99999999999999999999"], 400, []),
      ("GET", "/v1/clips", ["sort": "name"], 400, ["sort=name"]),
      ("GET", "/v1/submission", [:], 404, ["no submission", "primatrixctl status"]),
      ("GET", "/v1/report", [:], 404, ["no report", "primatrixctl status"]),
      ("GET", "/v1/clip", [:], 400, ["no clip is named", "?name="]), ("GET", "/v1/clip", ["name": ""], 400, ["name="]),
      ("GET", "/v1/clip", ["name": "a", "x": "y"], 400, ["x=y"]), ("GET", "/v1/clip", ["name": "none"], 404, ["none"]),
      ("GET", "/v1/clip", ["name": "two"], 409, ["several"]), ("POST", "/v1/clip", ["name": "a"], 405, ["GET, HEAD"]),
      ("GET", "/v1/retry", [:], 405, ["POST"]), ("POST", "/v1/runs", [:], 405, ["GET, HEAD"]),
    ] as [(String, String, [String: String], Int, [String])])
  func problems(method: String, path: String, query: [String: String], status: Int, words: [String]) throws {
    let answer = ControlRoutes(StubService()).answer(method: method, path: path, query: query)
    #expect(answer.status == status)
    let problem = try ControlJSON.decoder.decode(ControlProblem.self, from: Data(body(answer).utf8))
    for word in words { #expect("\(problem)".contains(word), "\(problem)") }
    #expect(!problem.next.isEmpty)
  }

  @Test func whatTheServiceCannotTellIsAProblem() {
    let answer = ControlRoutes(StubService(isBroken: true)).answer(method: "GET", path: "/v1/clips", query: [:])
    #expect(answer.status == 503 && body(answer).contains("the catalog is away"))
  }

  @Test(arguments: ControlRequest.allCases) func whatIsAskedForIsPassedOn(request: ControlRequest) {
    let service = StubService()
    let answer = ControlRoutes(service).answer(method: "POST", path: "/v1/\(request)", query: [:])
    #expect(answer.status == 202 && body(answer).contains(request.answer))
    #expect(service.requests == [request])
    let refused = ControlRoutes(StubService(isBroken: true)).answer(method: "POST", path: "/v1/\(request)", query: [:])
    #expect(refused.status == 503 && body(refused).contains("the catalog is away"))
  }

  /// Everything but one name a list is not understood, and asks for nothing.
  @Test(
    arguments: [
      ("", 202, [[]]), (#"{"names":[]}"#, 202, [[]]), (#"{"names":["a","b/ï.mp4"]}"#, 202, [["a", "b/ï.mp4"]]),
      (#"{"names":[{"base64":"7w=="}]}"#, 202, [[BytePath(bytes: [0xEF])]]),
      ("{", 400, []), ("null", 400, []), ("[]", 400, []), (#"{"names":"a"}"#, 400, []), (#"{"names":[1]}"#, 400, []),
      ("\u{0}", 400, []), (#"{"names":[{"base64":"?"}]}"#, 400, []),
      (String(repeating: "[", count: 60_000), 400, []),
      (#"{"names":"# + String(repeating: "[", count: 60_000), 400, []),
      (#"{"names":[""# + String(repeating: "x", count: 70_000) + #""]}"#, 413, []),
    ] as [(String, Int, [[BytePath]])]) func whatIsRetried(body: String, status: Int, names: [[BytePath]])
  {
    let service = StubService()
    let answer = ControlRoutes(service).answer(
      method: "POST", path: "/v1/retry", query: [:], body: Data(body.utf8))
    #expect(answer.status == status)
    #expect(service.retries == names)
  }

  @Test(arguments: ["/v1/clip", "/v1/runs", "/v1/retry"]) func troubleIsToldAsSuch(path: String) {
    let method = path == "/v1/retry" ? "POST" : "GET"
    let query = path == "/v1/clip" ? ["name": "a"] : [:]
    let answer = ControlRoutes(StubService(isBroken: true)).answer(method: method, path: path, query: query)
    #expect(answer.status == 503 && body(answer).contains("the catalog is away"))
  }

  @Test func aReloadSaysWhatHasChangedOrWhatIsWrong() {
    let answer = ControlRoutes(StubService()).answer(method: "POST", path: "/v1/reload", query: [:])
    #expect(answer.status == 200 && body(answer) == "{\"accepted\":\"changed now: features.workers\"}\n")
    let refused = ControlRoutes(StubService(isBroken: true)).answer(method: "POST", path: "/v1/reload", query: [:])
    #expect(refused.status == 422 && body(refused).contains("what was in force stays"))
  }

  @Test func theVersionIsTold() {
    let answer = ControlRoutes(StubService()).answer(method: "HEAD", path: "/v1/version", query: [:])
    #expect(body(answer) == "{\"version\":\"\(Version.text)\"}\n")
  }
}
