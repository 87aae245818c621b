package import Vocabulary

/// Looks whether networks are what their manifests say, and, on request, how fast they are here.
///
/// Output: `report.json`, an `InspectReport`.
package struct InspectSpec: Sendable, Codable {
  package var backbones: [BackboneUse]
  /// Compiles each and has it see a few frames.
  package var measures: Bool
  /// Where compiled networks may be kept; nil for nowhere.
  package var cache: BytePath?

  package init(backbones: [BackboneUse], measures: Bool, cache: BytePath? = nil) {
    self.backbones = backbones
    self.measures = measures
    self.cache = cache
  }

  package static let reportName = "report.json"
}

/// What an inspection found, in the order of the spec.
package struct InspectReport: Sendable, Codable {
  package struct Entry: Sendable, Codable, Equatable {
    package var backbone: String
    /// Why it cannot be used: what it is, what is wanted, what to do. Nil for a good one.
    package var problem: String?
    /// Of one thread; nil when it was not measured.
    package var secondsPerFrame: Double?

    package init(backbone: String, problem: String? = nil, secondsPerFrame: Double? = nil) {
      self.backbone = backbone
      self.problem = problem
      self.secondsPerFrame = secondsPerFrame
    }
  }

  package var entries: [Entry]

  package init(entries: [Entry]) { self.entries = entries }
}
