internal import Cataloguing
internal import Durability
internal import Executors
internal import Foundation
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// Makes the units of a run: a fold of a member each, then the stack, then scores. What is published is not made again.
struct LearnStages: Sendable {
  let state: StateDirectory
  let key: StageKey
  let plan: RunPlan

  private var directory: RunDirectory { state.run(key) }

  /// Every fold of every member, in the order they are to be trained.
  var tasks: [TrainTask] {
    plan.members.indices.flatMap { member in (0..<plan.settings.folds).map { TrainTask(member: member, fold: $0) } }
  }

  func isTrained(_ task: TrainTask) -> Bool { exists(product(task)) }
  var isStacked: Bool { exists(directory.stack) }

  func trainUnit(_ task: TrainTask) -> WorkUnit {
    let member = plan.members[task.member]
    let spec = TrainSpec(dataset: directory.dataset, member: member, fold: task.fold, settings: plan.settings)
    return WorkUnit(
      name: "train \(member.name) fold \(task.fold + 1)", spec: .train(spec),
      publications: [Publication(staged: "", destination: product(task))])
  }

  func stackUnit() -> WorkUnit {
    let spec = StackSpec(dataset: directory.dataset, members: trained, settings: plan.settings)
    return WorkUnit(
      name: "stack \(key.digest.short)", spec: .stack(spec),
      publications: [Publication(staged: "", destination: directory.stack)])
  }

  /// Scores clips with the finished ensemble. The spec's data set stands beside the scores until they are in the catalog.
  func scoreUnit(_ clips: [ReadyClip]) throws -> (unit: WorkUnit, scores: BytePath, dataset: BytePath) {
    let batch = try StageKey(stage: "score", version: 1, inputs: clips.map(\.clip).sorted())
    let dataset = directory.scores.appending("\(batch.name).dataset.json")
    let scores = directory.scores.appending("\(batch.name).safetensors")
    try Durability.publish(
      Array(try CanonicalJSON.encode(plan.dataset(scoring: clips, state: state))), at: dataset)
    let spec = ScoreSpec(
      dataset: dataset, members: trained, blend: directory.stack.appending(StackSpec.blendName))
    let unit = WorkUnit(
      name: "score \(batch.digest.short)", spec: .score(spec),
      publications: [Publication(staged: ScoreSpec.scoresName, destination: scores)])
    return (unit, scores, dataset)
  }

  /// Writes down where the clips' features lie now; false while some are missing.
  func writeDataset(ready: [ReadyClip]) throws -> Bool {
    guard let dataset = plan.dataset(ready: ready, state: state) else { return false }
    try Durability.publish(Array(try CanonicalJSON.encode(dataset)), at: directory.dataset)
    return true
  }

  func report() throws -> ScoringReport { try read(ScoringReport.self, StackSpec.reportName) }
  func blend() throws -> Blend { try read(Blend.self, StackSpec.blendName) }

  /// The probabilities of a published score unit.
  static func scores(at path: BytePath, classes: Int) throws -> [(ClipID, [Float])] {
    let file = try TensorFile(mapping: path)
    let probabilities = try file.tensor("probabilities")
    let clips = try file.tensor("clips")
    let count = clips.count / 32
    guard probabilities.shape == [count, classes], clips.shape == [count, 32], clips.type == .uint8 else {
      throw TensorFileError.damaged(path, "its shapes are not those of scores for \(classes) classes")
    }
    let values = probabilities.floats
    return clips.withUnsafeBytes { bytes in
      (0..<count).compactMap { row in
        Digest(bytes: Array(bytes[row * 32..<row * 32 + 32])).map {
          (ClipID($0), Array(values[row * classes..<(row + 1) * classes]))
        }
      }
    }
  }

  private var trained: [TrainedMember] {
    plan.members.map { member in
      TrainedMember(
        member: member, folds: (0..<plan.settings.folds).map { directory.fold($0, of: member.name) })
    }
  }

  private func product(_ task: TrainTask) -> BytePath {
    directory.fold(task.fold, of: plan.members[task.member].name)
  }

  private func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    let path = directory.stack.appending(name)
    guard let data = FileManager.default.contents(atPath: path.display) else {
      throw WorkError(.environment, "\(path): cannot be read; remove \(directory.root) to have the run made again")
    }
    return try CanonicalJSON.decode(type, from: data)
  }

  private func exists(_ path: BytePath) -> Bool { FileManager.default.fileExists(atPath: path.display) }
}
