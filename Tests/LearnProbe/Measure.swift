import Foundation
import Networks
import Numerics
import TensorFiles
import Vocabulary

private let classes = 24
private let metadata = 14

/// A batch of drawn clips, as extraction writes them.
private func drawClips(_ options: Options) -> [TensorData] {
  var random = SplitMix64(seed: 1)
  return (0..<options.batch).map { index in
    TensorData(
      name: "\(index)", float16: (0..<options.frames * options.width).map { _ in random.uniform() },
      shape: [options.frames, options.width])
  }
}

/// Clips in shards whose pages are not in memory, to be read as training does: a batch is drawn from all of them, and the
/// next one is announced before this one is read. Enough for every step, so that nothing is read twice. A virtual machine's
/// host may still have the pages.
private struct ColdClips {
  /// Bytes of a shard, as compaction makes them.
  private static let shardSize = 64 << 20

  private let batches: [[Tensor]]
  private var done = 0

  init(_ options: Options, in directory: BytePath) throws {
    let drawn = drawClips(options)
    let count = options.batch * (options.warm + options.steps + 1)
    let perShard = max(1, Self.shardSize / drawn[0].bytes.count)
    var clips: [Tensor] = []
    for first in stride(from: 0, to: count, by: perShard) {
      let path = directory.appending("cold-\(first).safetensors")
      let tensors = (first..<min(first + perShard, count)).map { index in
        var tensor = drawn[index % drawn.count]
        tensor.name = "\(index)"
        return tensor
      }
      try TensorFile.write(tensors, to: path)
      try Self.forget(path)
      let shard = try TensorFile(mapping: path)
      clips += try tensors.map { try shard.tensor($0.name) }
    }
    var random = SplitMix64(seed: 3)
    random.shuffle(&clips)
    let order = clips
    batches = stride(from: 0, to: count, by: options.batch).map { Array(order[$0..<$0 + options.batch]) }
    for clip in batches[0] { clip.willBeRead() }
  }

  /// Drops the file's pages.
  private static func forget(_ path: BytePath) throws {
    let file = path.withCString { open($0, O_RDONLY) }
    defer { close(file) }
    guard file >= 0, fsync(file) == 0, posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0 else {
      throw POSIXError(.EIO)
    }
  }

  mutating func read(into batch: FeatureBatch) {
    for clip in batches[done + 1] { clip.willBeRead() }
    for (index, clip) in batches[done].enumerated() { batch.take(clip, clip: index, column: 0) }
    done += 1
  }
}

private func draw(_ matrix: Matrix, _ random: inout SplitMix64, _ value: (Float) -> Float) {
  for index in 0..<matrix.count { matrix.start[index] = value(random.uniform()) }
}

/// What a model is to the probe.
private struct Subject {
  var trained: any Trainable
  var forward: (_ isTraining: Bool) -> Matrix

  init(_ options: Options, _ batch: FeatureBatch, _ columns: Matrix) {
    let (frames, width) = (options.frames, options.width)
    switch options.model {
    case .dense:
      let model = DenseModel(.init(frames: frames, width: width, metadata: metadata, classes: classes), seed: 1)
      (trained, forward) = (model, { model.forward(batch, isTraining: $0) })
    case .rnn:
      let model = RNNModel(.init(frames: frames, width: width, metadata: metadata, classes: classes), seed: 1)
      (trained, forward) = (model, { model.forward(batch, isTraining: $0) })
    case .stack:
      let model = StackModel(.init(columns: width, classes: classes), seed: 1)
      (trained, forward) = (model, { model.forward(columns, isTraining: $0) })
    }
  }
}

/// Clips a second.
private struct Rates: Encodable {
  var median: Double
  var best: Double
  /// The median by processor seconds: on a machine that others use too, what the work itself costs.
  var byProcessorTime: Double

  init(_ options: Options, _ body: () throws -> Void) rethrows {
    for _ in 0..<options.warm { try body() }
    var times: [Double] = []
    var processorTimes: [Double] = []
    for _ in 0..<options.steps {
      let (start, processorStart) = (seconds(CLOCK_MONOTONIC), seconds(CLOCK_PROCESS_CPUTIME_ID))
      try body()
      times.append(seconds(CLOCK_MONOTONIC) - start)
      processorTimes.append(seconds(CLOCK_PROCESS_CPUTIME_ID) - processorStart)
    }
    times.sort()
    processorTimes.sort()
    median = Double(options.batch) / times[times.count / 2]
    best = Double(options.batch) / times[0]
    byProcessorTime = Double(options.batch) / processorTimes[processorTimes.count / 2]
  }
}

private func seconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

private struct Result: Encodable {
  var model: String
  var batch: Int
  var frames: Int
  var width: Int
  var threads = 1
  /// Forward, backward and Adam; and with the batch read from its shard before each step.
  var trainingClipsPerSecond: Rates
  var trainingClipsPerSecondWithReading: Rates?
  /// Reading alone, from mapped pages that are in memory and in training's order from files that are not; nil where nothing
  /// is read.
  var readingClipsPerSecond: Rates?
  var coldReadingClipsPerSecond: Rates?
  var inferenceClipsPerSecond: Rates
  /// The process's largest resident set, the mapped shard included, before what is read from the disk.
  var peakMemoryMiB: Int
}

private func peakMemoryMiB() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
  return (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) / 1024
}

/// What trains and is read into.
private struct Probe {
  let options: Options
  let path: BytePath
  let batch: FeatureBatch
  let columns: Matrix
  let targets: Matrix
  let subject: Subject
  let adam: Adam
  let gradient = Matrix(rows: 0, columns: 0)

  init(_ options: Options, _ path: BytePath) {
    (self.options, self.path) = (options, path)
    var random = SplitMix64(seed: 2)
    batch = FeatureBatch(clips: options.batch, frames: options.frames, width: options.width, metadata: metadata)
    columns = Matrix(rows: options.batch, columns: options.model == .stack ? options.width : 0)
    targets = Matrix(rows: options.batch, columns: classes)
    draw(batch.metadata, &random) { $0 * 2 - 1 }
    draw(columns, &random) { $0 }
    draw(targets, &random) { $0 < 0.1 ? 1 : 0 }
    subject = Subject(options, batch, columns)
    adam = Adam(subject.trained.parameters, learningRate: 1e-3)
  }

  func train() {
    CrossEntropy.gradient(subject.forward(true), targets, into: gradient)
    subject.trained.backward(gradient)
    adam.step()
  }

  func read(_ shard: TensorFile) throws {
    for clip in 0..<options.batch { batch.take(try shard.tensor("\(clip)"), clip: clip, column: 0) }
  }

  func measure() throws -> Result {
    var result = Result(
      model: options.model.rawValue, batch: options.batch, frames: options.frames, width: options.width,
      trainingClipsPerSecond: Rates(options) { train() },
      inferenceClipsPerSecond: Rates(options) { _ = subject.forward(false) }, peakMemoryMiB: 0)
    if options.model != .stack {
      let shard = try TensorFile(mapping: path)
      result.readingClipsPerSecond = try Rates(options) { try read(shard) }
      result.trainingClipsPerSecondWithReading = try Rates(options) {
        try read(shard)
        train()
      }
    }
    result.peakMemoryMiB = peakMemoryMiB()
    if options.model != .stack {
      var cold = try ColdClips(options, in: path.deletingLastComponent)
      result.coldReadingClipsPerSecond = Rates(options) { cold.read(into: batch) }
    }
    return result
  }
}

/// Prints what one unit of learning reaches, as JSON: what `scripts/bench learn` starts beside PyTorch.
func measure(_ options: Options, in directory: BytePath) throws {
  let probe = Probe(options, directory.appending("clips.safetensors"))
  if options.model != .stack {
    try TensorFile.write(drawClips(options), to: probe.path)
    try probe.read(try TensorFile(mapping: probe.path))
  }
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = .sortedKeys
  print(String(decoding: try encoder.encode(try probe.measure()), as: UTF8.self))
}
