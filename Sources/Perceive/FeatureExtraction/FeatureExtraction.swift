package import Vocabulary
package import WorkUnits

package enum ExtractWorker {
  package static func run(
    _ spec: ExtractSpec, output: BytePath, decoder: BytePath, progress: @escaping ProgressReport
  ) throws {
    throw WorkError(.failure, "stub")
  }
}
