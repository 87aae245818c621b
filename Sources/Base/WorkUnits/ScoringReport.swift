/// How good the ensemble is by its out-of-fold predictions: `report.json`.
package struct ScoringReport: Sendable, Codable {
  package struct ClassScore: Sendable, Codable {
    package var name: String
    package var positives: Int
    /// Binary log loss of this class, and of answering its prior.
    package var logLoss: Double
    package var priorLogLoss: Double

    package init(name: String, positives: Int, logLoss: Double, priorLogLoss: Double) {
      self.name = name
      self.positives = positives
      self.logLoss = logLoss
      self.priorLogLoss = priorLogLoss
    }
  }

  package struct MemberScore: Sendable, Codable {
    package var name: String
    package var logLoss: Double

    package init(name: String, logLoss: Double) {
      self.name = name
      self.logLoss = logLoss
    }
  }

  /// Labelled clips that were scored out of fold.
  package var clips: Int
  /// Mean over the classes of the binary log loss; the same for answering every class's prior (taken from the other
  /// folds, as the models are).
  package var logLoss: Double
  package var priorLogLoss: Double
  package var classes: [ClassScore]
  package var members: [MemberScore]
  /// How the members' answers are made one, and why so: a sentence. Nil in reports of versions that could only take means.
  package var secondLevel: String?

  package init(
    clips: Int, logLoss: Double, priorLogLoss: Double, classes: [ClassScore], members: [MemberScore],
    secondLevel: String? = nil
  ) {
    self.clips = clips
    self.logLoss = logLoss
    self.priorLogLoss = priorLogLoss
    self.classes = classes
    self.members = members
    self.secondLevel = secondLevel
  }
}
