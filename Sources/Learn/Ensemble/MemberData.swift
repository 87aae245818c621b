internal import Networks
internal import Numerics
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// What one member reads of a data set: features from mapped shards, its inputs joined on the feature axis; metadata;
/// labels. Only the clips of a batch are ever in memory as float32. Immutable, so any thread may read.
struct MemberData: Sendable {
  let dataset: Dataset
  let member: MemberModel
  /// Sampled frames of each clip, and features per frame of all inputs together.
  let frames: Int
  let width: Int
  let metadata: Int
  /// By the data set's numbers.
  private let files: [Int: TensorFile]

  /// Shards that stay mapped: Linux allows a process 65,530 mappings, and a data set may have more shards than that. The
  /// others are mapped anew at each use.
  private static let mappedAtMost = 16_384

  /// - Throws: `WorkError` when the data set contradicts itself or does not fit the member, or a shard is missing or
  ///   damaged.
  init(_ dataset: Dataset, of member: MemberModel, path: BytePath) throws {
    self.dataset = dataset
    self.member = member
    let (sets, inputs) = (dataset.featureSets, member.inputs)
    guard let first = inputs.first, inputs.allSatisfy(sets.indices.contains),
      inputs.allSatisfy({ sets[$0].frames > 0 && sets[$0].width > 0 })
    else { throw WorkError(.failure, "\(path): has not the feature sets of the model \(member.name)") }
    guard member.onlyClass.map({ dataset.classes.names.indices.contains($0) }) ?? true else {
      throw WorkError(.failure, "\(path): has not the class of the model \(member.name)")
    }
    guard inputs.allSatisfy({ sets[$0].frames == sets[first].frames }) else {
      let frames = inputs.map { "\(sets[$0].backbone) \(sets[$0].frames)" }.joined(separator: ", ")
      throw WorkError(
        .input, "\(member.name): its backbones sample different numbers of frames (\(frames)) and cannot be joined")
    }
    frames = sets[first].frames
    width = inputs.reduce(0) { $0 + sets[$1].width }
    metadata = dataset.rows.first?.metadata.count ?? 0
    var files: [Int: TensorFile] = [:]
    for row in dataset.rows {
      try Self.check(row, dataset, metadata: metadata, path: path)
      if row.shards.isEmpty { continue }
      for shard in inputs.map({ row.shards[$0] }) where files[shard] == nil && files.count < Self.mappedAtMost {
        files[shard] = try WorkFiles.tensors(dataset.shards[shard])
      }
    }
    self.files = files
  }

  private static func check(_ row: Dataset.Row, _ dataset: Dataset, metadata: Int, path: BytePath) throws {
    guard row.metadata.count == metadata, row.metadata.allSatisfy(\.isFinite) else {
      throw WorkError(.failure, "\(path): the metadata of clip \(row.clip) are not \(metadata) numbers")
    }
    guard row.labels.map({ $0.present.count == dataset.classes.count }) ?? true else {
      throw WorkError(
        .failure, "\(path): the labels of clip \(row.clip) are not those of \(dataset.classes.count) classes")
    }
    guard row.shards.isEmpty || row.shards.count == dataset.featureSets.count,
      row.shards.allSatisfy(dataset.shards.indices.contains)
    else { throw WorkError(.failure, "\(path): clip \(row.clip) has features in no shard of the data set") }
  }

  /// The classes that the member answers for.
  var classes: Range<Int> { member.classes(of: dataset.classes.count) }

  func makeBatch() -> FeatureBatch { FeatureBatch(clips: 0, frames: frames, width: width, metadata: metadata) }

  /// Fills a batch with the rows' features and metadata.
  func fill(_ batch: FeatureBatch, with rows: [Int]) throws {
    batch.reshape(clips: rows.count)
    for (position, row) in rows.enumerated() {
      try take(row, into: batch, clip: position)
      for (index, value) in dataset.rows[row].metadata.enumerated() { batch.metadata.row(position)[index] = value }
    }
  }

  /// Says that the rows come soon, so that the disk is asked for all of them at once. Shards that do not stay mapped are
  /// left out.
  func willRead(_ rows: [Int]) {
    for row in rows where !dataset.rows[row].shards.isEmpty {
      let name = dataset.rows[row].clip.description
      for input in member.inputs { files[dataset.rows[row].shards[input]]?[name]?.willBeRead() }
    }
  }

  /// Those rows whose features are there and are numbers: a value beyond float16 would make every other clip's
  /// statistics infinite.
  ///
  /// - Throws: `WorkError` with the shard whose bytes are not those that were written.
  func usable(_ rows: [Int]) throws -> [Int] {
    let batch = makeBatch()
    batch.reshape(clips: 1)
    return try rows.filter { row in
      if dataset.rows[row].shards.isEmpty { return false }
      for input in member.inputs { try check(tensor(of: dataset.rows[row], input: input), of: dataset.rows[row].clip) }
      try take(row, into: batch, clip: 0)
      return Vectors.areFinite(batch.clip(0), count: frames * width)
    }
  }

  private func check(_ tensor: Tensor, of clip: ClipID) throws {
    if tensor.isIntact { return }
    let path = tensor.path
    throw WorkError(
      .input,
      "\(path) is damaged: the bytes of clip \(tensor.name.prefix(12)) are not those that were written; "
        + "it is made again", damaged: path, clip: clip)
  }

  private func take(_ row: Int, into batch: FeatureBatch, clip: Int) throws {
    var column = 0
    for input in member.inputs {
      batch.take(try tensor(of: dataset.rows[row], input: input), clip: clip, column: column)
      column += dataset.featureSets[input].width
    }
  }

  private func tensor(of row: Dataset.Row, input: Int) throws -> Tensor {
    let shard = row.shards[input]
    let file = try files[shard] ?? WorkFiles.tensors(dataset.shards[shard])
    guard let tensor = file[row.clip.description] else {
      throw WorkError(
        .input, "\(file.path): has no tensor of clip \(row.clip); it is made again", damaged: file.path, clip: row.clip)
    }
    let set = dataset.featureSets[input]
    guard tensor.type == .float16, tensor.shape == [set.frames, set.width] else {
      throw WorkError(
        .input,
        "\(file.path): clip \(row.clip) has features of shape \(tensor.shape), not [\(set.frames), \(set.width)]; "
          + "they are extracted again", damaged: file.path, clip: row.clip)
    }
    return tensor
  }
}
