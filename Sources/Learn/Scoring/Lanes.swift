/// One number for each resample of a block, in memory that loops over all of them can use several at a time of.
struct Lanes<Number: Numeric>: ~Copyable {
  let start: UnsafeMutablePointer<Number>

  init() {
    start = .allocate(capacity: Resamples.lanes)
    clear()
  }

  deinit { start.deallocate() }

  func clear() { start.update(repeating: 0, count: Resamples.lanes) }
  func copy(_ other: borrowing Lanes) { start.update(from: other.start, count: Resamples.lanes) }
  var values: [Number] { Array(UnsafeBufferPointer(start: start, count: Resamples.lanes)) }
}

extension Lanes<UInt32> {
  /// Adds a clip's weights.
  func add(_ weights: UnsafePointer<UInt8>) {
    for lane in 0..<Resamples.lanes { start[lane] &+= UInt32(weights[lane]) }
  }
}

extension Lanes<Float> {
  /// Adds a clip's weights times its value. Call `flush` every few hundred times, or the sum loses digits.
  func add(_ weights: UnsafePointer<UInt8>, times value: Float) {
    for lane in 0..<Resamples.lanes { start[lane] += Float(weights[lane]) * value }
  }

  /// Moves the sums to `sums`.
  func flush(to sums: borrowing Lanes<Double>) {
    for lane in 0..<Resamples.lanes {
      sums.start[lane] += Double(start[lane])
      start[lane] = 0
    }
  }

  static var flushInterval: Int { 512 }
}

/// Weights of clips in another order than they lie in memory. They are fetched many at once, because so the processor
/// waits for all of them together: one by one, waiting was nine tenths of a ranking's time.
struct Gathered: ~Copyable {
  private static var chunk: Int { 64 }
  private let rows: UnsafeMutablePointer<UInt8>
  private let weights: UnsafePointer<UInt8>
  private let clips: [Int]

  /// - Parameters:
  ///   - weights: of a block; must outlive this.
  ///   - clips: in the order in which they will be asked for.
  init(_ weights: UnsafePointer<UInt8>, _ clips: [Int]) {
    self.weights = weights
    self.clips = clips
    rows = .allocate(capacity: Self.chunk * Resamples.lanes)
  }

  deinit { rows.deallocate() }

  /// The weights of the clip in this place. Places are asked for one after another from 0.
  func row(_ place: Int) -> UnsafePointer<UInt8> {
    let position = place % Self.chunk
    if position == 0 {
      for ahead in 0..<min(Self.chunk, clips.count - place) {
        (rows + ahead * Resamples.lanes).update(
          from: weights + clips[place + ahead] * Resamples.lanes, count: Resamples.lanes)
      }
    }
    return UnsafePointer(rows + position * Resamples.lanes)
  }
}
