package import Vocabulary
package import WorkUnits

package enum ScoreWorker {
  package static func run(_ spec: ScoreSpec, output: BytePath, progress: ProgressReport) throws {
    throw WorkError(.failure, "stub")
  }
}
