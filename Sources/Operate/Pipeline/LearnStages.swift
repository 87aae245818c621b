internal import Cataloguing
internal import Durability
internal import Executors
internal import Folding
internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// Makes the units of a run: a fold of a network each, then the ensemble, then scores. What is published is not made again.
struct LearnStages: Sendable {
  let state: StateDirectory
  let key: StageKey
  let plan: RunPlan

  private var directory: RunDirectory { state.run(key) }

  /// Every fold of every network, in the order they are to be trained.
  var tasks: [TrainTask] {
    plan.members.indices.flatMap { member in (0..<plan.settings.folds).map { TrainTask.member(member, fold: $0) } }
      + (0..<plan.settings.stackFolds).map { TrainTask.stack(fold: $0) }
  }

  var isTrained: Bool { tasks.allSatisfy(isTrained) }

  func isTrained(_ task: TrainTask) -> Bool { exists(place(task).product) }

  /// Seconds of training that a kill may cost.
  private static let checkpointInterval = 20.0

  func trainUnit(_ task: TrainTask) -> WorkUnit {
    let place = place(task)
    let weights = warmWeights(task)
    let spec = TrainSpec(
      dataset: directory.dataset, trainee: trainee(task), fold: place.fold,
      settings: weights == nil ? plan.settings : plan.settings.warmed, weights: weights,
      resumption: .init(path: place.checkpoint, interval: Self.checkpointInterval))
    return WorkUnit(
      name: "train \(place.name) fold \(place.fold + 1)", spec: .train(spec),
      publications: [Publication(staged: "", destination: place.product)])
  }

  /// Where a task goes on from; nil where it begins anew, as the second level always does: it takes seconds.
  private func warmWeights(_ task: TrainTask) -> BytePath? {
    guard let warm = plan.warm, case .member(let member, let fold) = task else { return nil }
    return state.run(warm.run).fold(fold, of: plan.members[member].name).appending(TrainSpec.weightsName)
  }

  /// Whether everything that the run goes on from is there.
  var canGoOn: Bool { tasks.allSatisfy { isTrained($0) || warmWeights($0).map(exists) ?? true } }

  /// A published fold wants its checkpoint no more.
  func dropCheckpoint(_ task: TrainTask) throws { try Durability.removeTree(place(task).checkpoint) }

  /// - Parameter previous: the finished run before this one.
  func stackUnit(after previous: LearnStages?) -> WorkUnit {
    let comparable = previous.flatMap { $0.plan.classes == plan.classes ? $0 : nil }
    let spec = StackSpec(
      dataset: directory.dataset, members: trained, stack: stack,
      previous: comparable.map {
        .init(name: $0.name, answers: $0.directory.ensemble.appending(StackSpec.answersName))
      }, settings: plan.settings)
    return WorkUnit(
      name: "stack \(name)", spec: .stack(spec),
      publications: [Publication(staged: "", destination: directory.ensemble)])
  }

  /// For people.
  var name: String { key.digest.short }

  /// What a score unit publishes, and the data set of its spec, which stands beside it until the scores are in the catalog.
  struct Scores: Sendable {
    var path: BytePath
    var dataset: BytePath

    init(_ name: String, in directory: BytePath) {
      path = directory.appending("\(name).safetensors")
      dataset = directory.appending("\(name).dataset.json")
    }
  }

  /// Scores clips with the finished ensemble.
  func scoreUnit(_ clips: [ReadyClip]) throws -> (unit: WorkUnit, scores: Scores) {
    let batch = try StageKey(stage: "score", version: 1, inputs: clips.map(\.clip).sorted())
    let scores = Scores(batch.name, in: directory.scores)
    try Durability.publish(
      Array(try CanonicalJSON.encode(plan.dataset(scoring: clips, state: state))), at: scores.dataset)
    let spec = ScoreSpec(
      dataset: scores.dataset, members: trained, stack: stack,
      blend: directory.ensemble.appending(StackSpec.blendName))
    let unit = WorkUnit(
      name: "score \(batch.digest.short)", spec: .score(spec),
      publications: [Publication(staged: ScoreSpec.scoresName, destination: scores.path)])
    return (unit, scores)
  }

  /// Whether scores are of this run.
  func owns(_ scores: Scores) -> Bool { scores.path.deletingLastComponent == directory.scores }

  /// What was published, in a fixed order, and data sets of units that never came to it.
  func allScores() -> (published: [Scores], begun: [Scores]) {
    let names = Set((try? FileManager.default.contentsOfDirectory(atPath: directory.scores.display)) ?? [])
    let all = Set(names.map { String($0.prefix { $0 != "." }) }).sorted().map { Scores($0, in: directory.scores) }
    return (all.filter { exists($0.path) }, all.filter { !exists($0.path) })
  }

  /// Writes down where the clips' features lie now; false while some are missing.
  func writeDataset(ready: [ReadyClip]) throws -> Bool {
    guard let dataset = plan.dataset(ready: ready, state: state) else { return false }
    try Durability.publish(Array(try CanonicalJSON.encode(dataset)), at: directory.dataset)
    return true
  }

  func report() throws -> ScoringReport { try read(ScoringReport.self, StackSpec.reportName) }
  func blend() throws -> Blend { try read(Sealed<Blend>.self, StackSpec.blendName).value }

  /// Removes what a damaged file belongs to, a fold or what the ensemble came out as, so that it is made again; false where
  /// it is nothing of this run's.
  func lose(_ path: BytePath) throws -> Bool {
    let products = tasks.map { place($0).product } + [directory.ensemble]
    guard let product = products.first(where: { $0 == path.deletingLastComponent }) else { return false }
    try Durability.removeTree(product)
    return true
  }

  /// What the ensemble came out as. Nil where it cannot be read: then it is removed, to be made again.
  func outcome() throws -> (report: ScoringReport, blend: Blend)? {
    if let report = try? report(), let blend = try? blend() { return (report, blend) }
    try Durability.removeTree(directory.ensemble)
    return nil
  }

  func fullReport() throws -> FullReport { try read(FullReport.self, FullReport.name) }

  /// What a reader should know before trusting the run's numbers, a sentence each.
  func remarks() -> [String] {
    let folds = FileManager.default.contents(atPath: directory.foldReport.display).flatMap {
      try? CanonicalJSON.decode(FoldReport.self, from: $0)
    }
    let level = (try? report())?.secondLevel
    let warm = plan.warm.map {
      "it goes on from run \($0.run.digest.short): \(Words.count($0.changed, "clip")) changed since all was trained anew"
    }
    return (level.map { [$0] } ?? []) + (warm.map { [$0] } ?? []) + (folds?.remarks ?? [])
  }

  private var trained: [TrainedMember] {
    plan.members.map { member in
      TrainedMember(
        member: member, folds: (0..<plan.settings.folds).map { directory.fold($0, of: member.name) })
    }
  }

  private var stack: [BytePath] { (0..<plan.settings.stackFolds).map { directory.fold($0, of: Self.stackName) } }

  private static let stackName = "stack"

  private struct Place {
    var name: String
    var fold: Int
    var product: BytePath
    var checkpoint: BytePath
  }

  private func place(_ task: TrainTask) -> Place {
    let (name, fold) =
      switch task {
      case .member(let member, let fold): (plan.members[member].name, fold)
      case .stack(let fold): (Self.stackName, fold)
      }
    return Place(
      name: name, fold: fold, product: directory.fold(fold, of: name), checkpoint: directory.checkpoint(fold, of: name))
  }

  private func trainee(_ task: TrainTask) -> TrainSpec.Trainee {
    switch task {
    case .member(let member, _): .member(plan.members[member])
    case .stack: .stack(trained)
    }
  }

  private func read<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    let path = directory.ensemble.appending(name)
    guard let data = FileManager.default.contents(atPath: path.display) else {
      throw WorkError(.environment, "\(path): cannot be read; remove \(directory.root) to have the run made again")
    }
    do {
      return try CanonicalJSON.decode(type, from: data)
    } catch {
      throw WorkError(.input, "\(path) is damaged: \(error); remove \(directory.ensemble) to have it made again")
    }
  }

  private func exists(_ path: BytePath) -> Bool { FileManager.default.fileExists(atPath: path.display) }
}
