import Ensemble
import Foundation
import TensorFiles
import TestSupport
import Vocabulary
import WorkUnits

/// Drawn features of clips whose classes can be told from them: each class pushes its own features up in some frames.
struct SyntheticClips {
  var clips = 60
  var classes = 3
  var frames = 4
  /// Of each feature set.
  var widths = [12]
  var metadata = 2
  var folds = 3
  var seed: UInt64 = 1
  /// Which classes a clip has; by default one, in turn.
  var labels: (_ clip: Int, _ classes: Int) -> [Bool] = { clip, classes in (0..<classes).map { $0 == clip % classes } }
  /// The fold of a clip; by default in turn.
  var fold: (_ clip: Int, _ folds: Int) -> Int = { clip, folds in clip / 3 % folds }
  /// Clips with one feature that float16 has no number for.
  var infinite: Set<Int> = []
  /// Clips without features.
  var missing: Set<Int> = []
  /// Clips without a label.
  var unlabelled: Set<Int> = []

  /// Writes two shards of each feature set and `name`.json into the folder; returns the data set and its path.
  @discardableResult
  func write(to directory: URL, name: String = "dataset") throws -> (dataset: Dataset, path: BytePath) {
    var random = SplitMix64(seed: seed)
    let root = BytePath(directory.path)
    let sets = widths.enumerated().map { index, width in
      Dataset.FeatureSet(
        backbone: "drawn-\(index)", fingerprint: StageKey(Digest(of: Data([UInt8(index)]))), frames: frames,
        width: width)
    }
    var tensors = [[TensorData]](repeating: [], count: widths.count * 2)
    var rows: [Dataset.Row] = []
    for clip in 0..<clips {
      let id = ClipID(Digest(of: Data("\(seed) \(clip)".utf8)))
      let present = labels(clip, classes)
      let shards = widths.indices.map { $0 * 2 + clip % 2 }
      for (index, width) in widths.enumerated() {
        var values = draw(present, width: width, &random)
        if infinite.contains(clip) { values[values.count / 2] = .infinity }
        if missing.contains(clip) { continue }
        tensors[shards[index]].append(
          TensorData(name: id.description, float16: values, shape: [frames, width]))
      }
      let isLabelled = !unlabelled.contains(clip)
      rows.append(
        Dataset.Row(
          clip: id, shards: missing.contains(clip) ? [] : shards,
          metadata: (0..<metadata).map { _ in random.uniform() * 2 - 1 }, labels: isLabelled ? Labels(present) : nil,
          fold: isLabelled ? fold(clip, folds) : nil, stackFold: isLabelled ? clip % 2 : nil))
    }
    let paths = tensors.indices.map { root.appending("\(name)-\($0).safetensors") }
    for (path, tensors) in zip(paths, tensors) { try TensorFile.write(tensors, to: path) }
    let dataset = Dataset(
      classes: try ClassList((0..<classes).map { "class \($0)" }), featureSets: sets, shards: paths,
      rows: rows.sorted { $0.clip < $1.clip })
    let path = root.appending("\(name).json")
    try Self.write(dataset, to: path)
    return (dataset, path)
  }

  static func write(_ dataset: Dataset, to path: BytePath) throws {
    try CanonicalJSON.encode(dataset).write(to: URL(filePath: path.display))
  }

  private func draw(_ present: [Bool], width: Int, _ random: inout SplitMix64) -> [Float] {
    let start = random.below(frames)
    return (0..<frames * width).map { index in
      let (frame, feature) = (index / width, index % width)
      let isPushed = present[feature % classes] && (frame == start || frame == (start + 1) % frames)
      return random.uniform() + (isPushed ? 1 : 0)
    }
  }
}

/// Runs of the workers in a scratch folder.
enum Bench {
  static let small = MemberModel.Batches(plain: 16, labelled: 11, unlabelled: 5)
  static let member = MemberModel(name: "drawn-dense", kind: .dense, inputs: [0], batches: small)
  static let settings = TrainSettings(folds: 3, epochs: 4, pseudoLabelEpochs: 2, stackFolds: 2)

  /// Trains one fold; returns its folder.
  static func train(
    _ dataset: BytePath, fold: Int = 0, member: MemberModel = member, settings: TrainSettings = settings,
    weights: BytePath? = nil, in directory: URL, name: String = "fold", progress: @escaping ProgressReport = { _ in }
  ) throws -> BytePath {
    let output = directory.appending(path: "\(name)-\(fold)")
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    let path = BytePath(output.path)
    try TrainWorker.run(
      TrainSpec(dataset: dataset, trainee: .member(member), fold: fold, settings: settings, weights: weights),
      output: path,
      progress: progress)
    return path
  }

  /// Every clip's probabilities, row by row.
  static func score(
    _ dataset: BytePath, _ folds: [BytePath], blend: BytePath, member: MemberModel = member, in directory: URL
  ) throws -> [ClipID: [Float]] {
    let output = directory.appending(path: "score-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
    let path = BytePath(output.path)
    try ScoreWorker.run(
      ScoreSpec(dataset: dataset, members: [TrainedMember(member: member, folds: folds)], blend: blend), output: path
    ) { _ in }
    let file = try ClipProbabilities(path.appending(ScoreSpec.scoresName), classes: try classes(dataset))
    return Dictionary(uniqueKeysWithValues: file.clips.enumerated().map { ($1, Array(file[$0])) })
  }

  private static func classes(_ dataset: BytePath) throws -> Int {
    try CanonicalJSON.decode(Dataset.self, from: Data(contentsOf: URL(filePath: dataset.display))).classes.count
  }

  /// A blend that changes nothing, with the given priors.
  static func writeBlend(priors: [Float], in directory: URL) throws -> BytePath {
    let path = BytePath(directory.path).appending("blend.json")
    let (zeros, ones) = (priors.map { _ in Float(0) }, priors.map { _ in Float(1) })
    try CanonicalJSON.encode(Sealed(Blend(priors: priors, shrink: 0, lowest: zeros, highest: ones))).write(
      to: URL(filePath: path.display))
    return path
  }

  /// Makes a trained network's logits leave the range of float32 on the way, with weights that are numbers.
  static func overflow(_ weights: BytePath) throws {
    let file = try TensorFile(mapping: weights)
    let tensors = try file.names.map { name in
      let tensor = try file.tensor(name)
      var values = tensor.floats
      if name == "head.1.norm.gamma" { values = values.map { _ in 1e30 } }
      if name == "output.weight" { values = values.indices.map { $0 / tensor.shape[1] % 2 == 0 ? 3e38 : -3e38 } }
      return TensorData(name: name, float32: values, shape: tensor.shape)
    }
    try FileManager.default.removeItem(atPath: weights.display)
    try TensorFile.write(tensors, metadata: file.metadata, hasDigests: true, to: weights)
  }

  static func outOfFold(_ fold: BytePath) throws -> (rows: [Int32], logits: [[Float]]) {
    let file = try TensorFile(mapping: fold.appending(TrainSpec.outOfFoldName))
    let (rows, logits) = (try file.tensor("rows"), try file.tensor("logits"))
    let classes = logits.shape[1]
    let values = logits.floats
    return (
      rows.int32s, (0..<logits.shape[0]).map { Array(values[$0 * classes..<($0 + 1) * classes]) }
    )
  }

  static func bytes(_ fold: BytePath, _ name: String) throws -> Data {
    try Data(contentsOf: URL(filePath: fold.appending(name).display))
  }
}
