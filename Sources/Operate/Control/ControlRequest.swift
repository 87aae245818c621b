package import Vocabulary

/// What people may ask the daemon to do: `POST /v1/pause` and so on.
package enum ControlRequest: String, CaseIterable, Sendable {
  case pause, resume, retrain, rescore

  package var route: ControlRoute {
    switch self {
    case .pause: .pause
    case .resume: .resume
    case .retrain: .retrain
    case .rescore: .rescore
    }
  }

  /// What happens now, for whoever asked.
  package var answer: String {
    switch self {
    case .pause: "paused: what is under way ends, nothing new begins; `primatrixctl resume` lets it go on"
    case .resume: "it goes on"
    case .retrain:
      "training begins when everything that is coming has come, if there are labels that the newest ensemble has not seen"
    case .rescore:
      "clips without a score are scored now, and a submission is published if anything in it has changed"
    }
  }
}

/// The body of the answer.
package struct ControlAcceptance: Codable, Sendable, Equatable {
  package var accepted: String

  package init(accepted: String) { self.accepted = accepted }
}

/// The body of `POST /v1/retry`: which clips, by digest, path or the end of one, and which sources, by name. Without any, all
/// that failed.
package struct RetryRequest: Codable, Sendable, Equatable {
  package var names: [BytePath]

  package init(names: [BytePath]) { self.names = names }
}
