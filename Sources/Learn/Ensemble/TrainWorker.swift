package import Vocabulary
package import WorkUnits

package enum TrainWorker {
  package static func run(_ spec: TrainSpec, output: BytePath, progress: ProgressReport) throws {
    throw WorkError(.failure, "stub")
  }
}
