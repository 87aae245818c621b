/// What people may ask the daemon to do: `POST /v1/pause` and so on.
package enum ControlRequest: String, CaseIterable, Sendable {
  case pause, resume, retrain, rescore

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
}
