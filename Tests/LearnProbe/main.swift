import Foundation
import Networks
import Numerics
import TensorFiles
import Vocabulary

// Measures one unit of learning: what `scripts/bench learn` starts beside PyTorch.

private let classes = 24
private let metadata = 14

/// Drawn clips in a float16 shard, as extraction writes them.
private func writeShard(_ options: Options, to path: BytePath) throws {
  var random = SplitMix64(seed: 1)
  let clips = (0..<options.batch).map { index in
    TensorData(
      name: "\(index)", float16: (0..<options.frames * options.width).map { _ in random.uniform() },
      shape: [options.frames, options.width])
  }
  try TensorFile.write(clips, to: path)
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
  var trainingClipsPerSecondWithReading: Rates
  var inferenceClipsPerSecond: Rates
  /// The process's largest resident set, the mapped shard included.
  var peakMemoryMiB: Int
}

private func peakMemoryMiB() -> Int {
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
  return (line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Int($0) } ?? 0) / 1024
}

private func run(_ options: Options, in directory: BytePath) throws {
  let path = directory.appending("clips.safetensors")
  if options.model != .stack { try writeShard(options, to: path) }
  let shard = options.model == .stack ? nil : try TensorFile(mapping: path)
  let tensors = try (0..<options.batch).compactMap { try shard?.tensor("\($0)") }
  var random = SplitMix64(seed: 2)
  let batch = FeatureBatch(clips: options.batch, frames: options.frames, width: options.width, metadata: metadata)
  let columns = Matrix(rows: options.batch, columns: options.model == .stack ? options.width : 0)
  let targets = Matrix(rows: options.batch, columns: classes)
  draw(batch.metadata, &random) { $0 * 2 - 1 }
  draw(columns, &random) { $0 }
  draw(targets, &random) { $0 < 0.1 ? 1 : 0 }
  func read() { for (clip, tensor) in tensors.enumerated() { batch.take(tensor, clip: clip, column: 0) } }
  let subject = Subject(options, batch, columns)
  let adam = Adam(subject.trained.parameters, learningRate: 1e-3)
  let gradient = Matrix(rows: 0, columns: 0)
  func train() {
    CrossEntropy.gradient(subject.forward(true), targets, into: gradient)
    subject.trained.backward(gradient)
    adam.step()
  }
  read()
  let training = Rates(options) { train() }
  let reading = Rates(options) {
    read()
    train()
  }
  let inference = Rates(options) { _ = subject.forward(false) }
  let encoder = JSONEncoder()
  encoder.keyEncodingStrategy = .convertToSnakeCase
  encoder.outputFormatting = .sortedKeys
  let result = Result(
    model: options.model.rawValue, batch: options.batch, frames: options.frames, width: options.width,
    trainingClipsPerSecond: training, trainingClipsPerSecondWithReading: reading, inferenceClipsPerSecond: inference,
    peakMemoryMiB: peakMemoryMiB())
  print(String(decoding: try encoder.encode(result), as: UTF8.self))
}

private func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(2)
}

guard let options = Options(Array(CommandLine.arguments.dropFirst())) else { fail(Options.usage) }
guard ProcessInfo.processInfo.environment["OPENBLAS_NUM_THREADS"] == "1" else {
  fail("LearnProbe measures a unit, which has one thread: set OPENBLAS_NUM_THREADS=1")
}
let directory = FileManager.default.temporaryDirectory.appending(path: "learn-probe-\(UUID().uuidString)")
do {
  try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: directory) }
  try run(options, in: BytePath(directory.path))
} catch {
  fail("LearnProbe: \(error)")
}
