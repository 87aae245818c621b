internal import Foundation
internal import Networks
internal import Numerics
internal import Scoring
internal import Vocabulary
internal import WorkUnits

/// What one unit of training is about: the network, the rows that it learns from and is judged on, and how.
struct Lesson {
  let learner: any Learner
  let design: NetworkFile.Design
  let recipe: Recipe
  let targets: Targets
  let division: Division
  /// Labelled rows without usable features.
  let withoutFeatures: Int
  /// Of the classes among the training rows.
  let shares: [Double]
  let seed: (String) -> UInt64

  init(_ spec: TrainSpec) throws {
    let dataset = try WorkFiles.dataset(spec.dataset)
    switch spec.trainee {
    case .member(let member): try self.init(spec, try MemberData(dataset, of: member, path: spec.dataset))
    case .stack(let members): try self.init(spec, dataset, try StackColumns(outOfFold: members, dataset))
    }
    learner.network.start(at: shares)
    if let weights = spec.weights { try NetworkFile.read(weights, design, into: learner.network) }
  }

  /// A member learns from the rows whose features can be used.
  private init(_ spec: TrainSpec, _ data: MemberData) throws {
    var division = Division(data.dataset, fold: spec.fold) { $0.fold }
    withoutFeatures = try division.keep(data.usable)
    self.division = division
    recipe = Recipe(clips: division.rows.training.count, batches: data.member.batches, settings: spec.settings)
    seed = Self.seed(spec, of: data.member.name)
    learner = MemberLearner(
      NetworkFile.member(data, momentum: recipe.momentum, seed: spec.weights == nil ? seed("network") : nil), data)
    design = NetworkFile.Design(member: data)
    targets = Targets(data.dataset, classes: data.classes)
    shares = targets.shares(of: division.rows.training)
  }

  /// The second level learns from all that have a label: a clip without features has its members' priors.
  private init(_ spec: TrainSpec, _ dataset: Dataset, _ columns: StackColumns) throws {
    division = Division(dataset, fold: spec.fold) { $0.stackFold }
    withoutFeatures = 0
    recipe = .stack(clips: division.rows.training.count, settings: spec.settings)
    seed = Self.seed(spec, of: "stack")
    learner = StackLearner(
      NetworkFile.stack(columns.layout, momentum: recipe.momentum, seed: seed("network")), columns: columns.values)
    design = NetworkFile.Design(stackOf: columns.layout.count, classes: dataset.classes)
    targets = Targets(dataset, classes: 0..<dataset.classes.count)
    shares = targets.shares(of: division.rows.training)
  }

  /// Seeds for the purposes of one fold of one network.
  private static func seed(_ spec: TrainSpec, of name: String) -> (String) -> UInt64 {
    { purpose in
      let text = "\(spec.settings.seed) \(name) \(spec.fold) \(purpose)"
      return Digest(of: Data(text.utf8)).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  /// What answering the training rows' shares costs on the held-out ones; nil where there is none.
  func priorLoss() -> Double? {
    let held = division.rows.validation
    if held.isEmpty { return nil }
    let wanted = Matrix(rows: 0, columns: 0)
    targets.fill(wanted, with: held)
    let answer = shares.map { Float(logOdds($0)) }
    return CrossEntropy.loss(
      Matrix(rows: held.count, columns: answer.count, values: held.flatMap { _ in answer }), wanted)
  }
}
