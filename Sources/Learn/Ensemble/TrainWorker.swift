internal import Foundation
internal import Networks
internal import Numerics
internal import Scoring
internal import TensorFiles
package import Vocabulary
package import WorkUnits

/// Trains one member on all folds but one and predicts the one.
package enum TrainWorker {
  /// Writes `weights.safetensors`, `out-of-fold.safetensors` and `metrics.json` into `output`.
  ///
  /// The bytes depend on the clips, their features, metadata and labels, the member and the settings: not on the order
  /// of the data set's rows (which `rows` alone refers to) nor on where the features lie.
  ///
  /// - Throws: `WorkError` when the data set or a shard is missing, damaged or contradicts itself.
  package static func run(_ spec: TrainSpec, output: BytePath, progress: ProgressReport) throws {
    let data = try MemberData(try WorkFiles.dataset(spec.dataset), of: spec.member, path: spec.dataset)
    let rows = data.dataset.rows
    let labelled = rows.indices.filter { rows[$0].labels != nil && rows[$0].fold != nil }
    let held = labelled.filter { rows[$0].fold == spec.fold }
    let usable = try data.usable(labelled.sorted { rows[$0].clip < rows[$1].clip })
    let training = usable.filter { rows[$0].fold != spec.fold }
    let validation = usable.filter { rows[$0].fold == spec.fold }
    let shares = priors(of: training, data.dataset)

    let recipe = Recipe(clips: training.count, settings: spec.settings)
    var metrics = TrainMetrics(
      clips: .init(
        training: training.count, validation: validation.count, withoutFeatures: labelled.count - usable.count),
      batch: recipe.batch, priorValidationLoss: priorLoss(shares, of: validation, data))
    let network = makeNetwork(spec, data, recipe, shares)
    var trainer = Trainer(
      data: data, network: network, recipe: recipe, training: training, validation: validation,
      random: SplitMix64(seed: seed(spec, "order")))
    try trainer.run(&metrics, progress: progress)

    try MemberNetwork.write(
      network, of: data, kind: spec.member.kind, to: output.appending(TrainSpec.weightsName))
    try writeOutOfFold(
      held, usable: validation, shares: shares, network, data, to: output.appending(TrainSpec.outOfFoldName))
    try WorkFiles.write(metrics, to: output.appending(TrainSpec.metricsName))
  }

  private static func makeNetwork(
    _ spec: TrainSpec, _ data: MemberData, _ recipe: Recipe, _ shares: [Double]
  ) -> any Network {
    switch spec.member.kind {
    case .dense:
      var settings = DenseModel.Regularisation()
      settings.momentum = recipe.momentum
      let network = DenseModel(MemberNetwork.shape(data), settings, seed: seed(spec, "network"))
      network.start(at: shares)
      return network
    }
  }

  /// A seed for one purpose in one fold of one member.
  private static func seed(_ spec: TrainSpec, _ purpose: String) -> UInt64 {
    let text = "\(spec.settings.seed) \(spec.member.name) \(spec.fold) \(purpose)"
    return Digest(of: Data(text.utf8)).bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  private static func priors(of rows: [Int], _ dataset: Dataset) -> [Double] {
    dataset.classes.names.indices.map { index in
      Priors.share(positives: rows.count { dataset.rows[$0].labels?.present[index] == true }, of: rows.count)
    }
  }

  private static func priorLoss(_ shares: [Double], of rows: [Int], _ data: MemberData) -> Double? {
    guard !rows.isEmpty else { return nil }
    let targets = Matrix(rows: 0, columns: 0)
    data.fill(targets, with: rows[...])
    return CrossEntropy.loss(
      Matrix(rows: rows.count, columns: shares.count, values: rows.flatMap { _ in shares.map { Float(logOdds($0)) } }),
      targets)
  }

  /// Every held-out row has its logits; one without usable features has the priors'.
  private static func writeOutOfFold(
    _ held: [Int], usable: [Int], shares: [Double], _ network: any Network, _ data: MemberData, to path: BytePath
  ) throws {
    let classes = data.dataset.classes.count
    let predicted = try Predictor(data).logits(network, of: usable)
    var logits = held.flatMap { _ in shares.map { Float(logOdds($0)) } }
    let places = Dictionary(uniqueKeysWithValues: held.enumerated().map { ($1, $0) })
    for (position, row) in usable.enumerated() {
      guard let place = places[row] else { continue }
      logits.replaceSubrange(
        place * classes..<(place + 1) * classes, with: predicted[position * classes..<(position + 1) * classes])
    }
    try WorkFiles.write(
      [
        TensorData(name: "logits", float32: logits, shape: [held.count, classes]),
        TensorData(name: "rows", int32: held.map { Int32($0) }, shape: [held.count]),
      ], to: path)
  }
}
