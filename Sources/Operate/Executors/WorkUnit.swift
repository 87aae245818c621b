package import Vocabulary
package import WorkUnits

/// One piece of work for one worker, and where its products go.
package struct WorkUnit: Sendable {
  /// For people and the journal: `extract 3f2a91bc`.
  package var name: String
  package var spec: WorkSpec
  /// Published in this order; the last is the commit point, after which the unit counts as done.
  package var publications: [Publication]

  package init(name: String, spec: WorkSpec, publications: [Publication]) {
    self.name = name
    self.spec = spec
    self.publications = publications
  }
}

/// A file or folder of a unit's output directory, and its place when it is published.
package struct Publication: Sendable {
  package var staged: String
  package var destination: BytePath
  /// A product that a unit may lawfully not make: the shard of a batch without a readable clip.
  package var optional: Bool

  package init(staged: String, destination: BytePath, optional: Bool = false) {
    self.staged = staged
    self.destination = destination
    self.optional = optional
  }
}

/// Runs work units. Truth is what is published, so a unit that was interrupted anywhere is simply run again.
package protocol Executor: Sendable {
  /// Returns when every product is published and durable. With a dialogue the batches of the unit are its products, and
  /// publishing them is the business of whoever holds the dialogue.
  ///
  /// - Throws: `WorkError`: what the worker said, how it died, or why publishing failed. `CancellationError` when the
  ///   task was cancelled; the worker is dead by then.
  func run(_ unit: WorkUnit, dialogue: WorkDialogue?, progress: @escaping ProgressReport) async throws
}

extension Executor {
  package func run(_ unit: WorkUnit, progress: @escaping ProgressReport) async throws {
    try await run(unit, dialogue: nil, progress: progress)
  }
}
