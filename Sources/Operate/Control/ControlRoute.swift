/// Everything that can be asked for: `/v1/status` and so on.
package enum ControlRoute: String, CaseIterable, Sendable {
  case status, clips, clip, runs, submission, report, version
  case pause, resume, retrain, rescore, retry, reload

  package init?(path: String) {
    guard path.hasPrefix(Self.prefix) else { return nil }
    self.init(rawValue: String(path.dropFirst(Self.prefix.count)))
  }

  package var path: String { Self.prefix + rawValue }
  private static let prefix = "/v1/"

  package var methods: [String] { changes ? ["POST"] : ["GET", "HEAD"] }

  /// Bytes of a request's body.
  package var bodyLimit: Int { self == .retry ? 64 << 10 : 0 }

  /// Whether it has the daemon do something.
  package var changes: Bool {
    switch self {
    case .pause, .resume, .retrain, .rescore, .retry, .reload: true
    case .status, .clips, .clip, .runs, .submission, .report, .version: false
    }
  }
}
