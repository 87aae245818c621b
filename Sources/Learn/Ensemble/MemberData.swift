internal import Networks
internal import Numerics
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// What one member reads of a data set: features from mapped shards, its inputs joined on the feature axis; metadata;
/// labels. Only the clips of a batch are ever in memory as float32.
final class MemberData {
  let dataset: Dataset
  /// Sampled frames of each clip, and features per frame of all inputs together.
  let frames: Int
  let width: Int
  let metadata: Int
  private let path: BytePath
  private let inputs: [Int]
  /// Shards mapped so far.
  private var files: [Int: TensorFile] = [:]
  /// One input of one clip, where there are several.
  private let part: Matrix

  /// - Throws: `WorkError` when the data set contradicts itself or does not fit the member.
  init(_ dataset: Dataset, of member: MemberModel, path: BytePath) throws {
    self.dataset = dataset
    self.path = path
    inputs = member.inputs
    let sets = dataset.featureSets
    guard let first = inputs.first, inputs.allSatisfy(sets.indices.contains),
      inputs.allSatisfy({ sets[$0].frames > 0 && sets[$0].width > 0 })
    else { throw WorkError(.failure, "\(path): has not the feature sets of the model \(member.name)") }
    guard inputs.allSatisfy({ sets[$0].frames == sets[first].frames }) else {
      let frames = inputs.map { "\(sets[$0].backbone) \(sets[$0].frames)" }.joined(separator: ", ")
      throw WorkError(
        .input, "\(member.name): its backbones sample different numbers of frames (\(frames)) and cannot be joined")
    }
    frames = sets[first].frames
    width = inputs.reduce(0) { $0 + sets[$1].width }
    metadata = dataset.rows.first?.metadata.count ?? 0
    part = Matrix(rows: frames, columns: inputs.count > 1 ? inputs.map { sets[$0].width }.max() ?? 0 : 0)
    for row in dataset.rows { try check(row) }
  }

  private func check(_ row: Dataset.Row) throws {
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

  func makeBatch() -> FeatureBatch { FeatureBatch(clips: 0, frames: frames, width: width, metadata: metadata) }

  /// Fills a batch with the rows' features and metadata.
  func fill(_ batch: FeatureBatch, with rows: ArraySlice<Int>) throws {
    batch.reshape(clips: rows.count)
    for (position, row) in rows.enumerated() {
      try copyFeatures(of: row, to: batch.clip(position))
      let metadata = dataset.rows[row].metadata
      for (index, value) in metadata.enumerated() { batch.metadata.row(position)[index] = value }
    }
  }

  /// Fills [rows, classes] with 0 and 1.
  func fill(_ targets: Matrix, with rows: ArraySlice<Int>) {
    targets.reshape(rows: rows.count, columns: dataset.classes.count)
    targets.fill(0)
    for (position, row) in rows.enumerated() {
      guard let labels = dataset.rows[row].labels else { preconditionFailure("rows with targets have labels") }
      for (index, isPresent) in labels.present.enumerated() where isPresent { targets.row(position)[index] = 1 }
    }
  }

  /// Those rows whose features are there and are numbers: a value beyond float16 would make every other clip's
  /// statistics infinite.
  func usable(_ rows: [Int]) throws -> [Int] {
    let batch = makeBatch()
    batch.reshape(clips: 1)
    return try rows.filter { row in
      if dataset.rows[row].shards.isEmpty { return false }
      try copyFeatures(of: row, to: batch.clip(0))
      return Vectors.areFinite(batch.clip(0), count: frames * width)
    }
  }

  private func copyFeatures(of row: Int, to destination: UnsafeMutablePointer<Float>) throws {
    var first = 0
    for input in inputs {
      let tensor = try tensor(of: dataset.rows[row], input: input)
      if inputs.count == 1 {
        tensor.copyFloats(to: destination)
      } else {
        let own = dataset.featureSets[input].width
        tensor.copyFloats(to: part.start)
        for frame in 0..<frames {
          (destination + frame * width + first).update(from: part.start + frame * own, count: own)
        }
        first += own
      }
    }
  }

  private func tensor(of row: Dataset.Row, input: Int) throws -> Tensor {
    let shard = row.shards[input]
    let file: TensorFile
    if let mapped = files[shard] {
      file = mapped
    } else {
      file = try WorkFiles.tensors(dataset.shards[shard])
      files[shard] = file
    }
    let tensor = try WorkFiles.tensor(row.clip.description, in: file)
    let set = dataset.featureSets[input]
    guard tensor.type == .float16, tensor.shape == [set.frames, set.width] else {
      throw WorkError(
        .input,
        "\(file.path): clip \(row.clip) has features of shape \(tensor.shape), not [\(set.frames), \(set.width)]; "
          + "remove the file to have them extracted again")
    }
    return tensor
  }
}
