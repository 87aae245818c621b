internal import CFFmpeg
internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// Fills the samples of every sampling from the frames of one pass. A sample between two frames is the earlier one; one
/// before the first frame that could be decoded is that frame; samples after the last are the last, repeated. Only the
/// micro clip ends with the clip.
struct FrameCollector {
  private var parts: [Part]
  private var micro: Part?

  fileprivate struct Part {
    let frameBytes: Int
    let positions: [Int64]
    let room: UnsafeMutableRawBufferPointer
    let scaler: FrameScaler
    /// Samples written so far.
    var filled = 0
    /// The frame in the last sample, so that a repetition is a copy.
    var last: Int64?
  }

  /// - Parameters:
  ///   - rooms: for each sampling memory of its `byteCount`.
  ///   - micro: nil when no micro clip is wanted.
  init(
    _ samplings: [Sampling], rooms: [UnsafeMutableRawBufferPointer], micro: MicroFrames?, clock: SampleClock
  ) throws(Unreadable) {
    parts = []
    for (sampling, room) in zip(samplings, rooms) { parts.append(try Part(sampling, .rgb, room, clock)) }
    if let micro { self.micro = try Part(micro.format.sampling, .yuv420, micro.room, clock) }
  }

  /// Whether every sampling has all its frames. What comes then is for the micro clip alone.
  var isFull: Bool { parts.allSatisfy { $0.wanted == nil } }
  var wantsMicro: Bool { micro?.wanted != nil }
  /// Frames of the micro clip so far.
  var microCount: Int { micro?.filled ?? 0 }
  var counts: [Int] { parts.map(\.filled) }

  /// Whether a sample lies at or behind `end`, where the clip has ended.
  func reaches(_ end: Int64) -> Bool { parts.contains { $0.positions.last.map { $0 >= end } ?? false } }

  /// - Parameters:
  ///   - position: of `frame` on the clock's axis; increases from call to call.
  ///   - previous: the frame before it and its position; nil for the first.
  mutating func take(
    _ frame: UnsafeMutablePointer<AVFrame>, at position: Int64,
    previous: (frame: UnsafeMutablePointer<AVFrame>, position: Int64)?
  ) throws(Unreadable) {
    for index in parts.indices { try parts[index].take(frame, at: position, previous: previous) }
    try micro?.take(frame, at: position, previous: previous)
  }

  /// The clip has ended at `end`: what is still wanted is its last frame.
  mutating func finish(
    _ frame: UnsafeMutablePointer<AVFrame>, at position: Int64, end: Int64
  ) throws(Unreadable) {
    for index in parts.indices {
      while parts[index].wanted != nil { try parts[index].put(frame, position) }
    }
    while let wanted = micro?.wanted, wanted < end { try micro?.put(frame, position) }
  }
}

extension FrameCollector.Part {
  fileprivate init(
    _ sampling: Sampling, _ pixels: FrameScaler.Pixels, _ room: UnsafeMutableRawBufferPointer, _ clock: SampleClock
  ) throws(Unreadable) {
    guard let scaler = FrameScaler(side: sampling.side, pixels: pixels) else {
      throw Unreadable("preparing it", code: -ENOMEM)
    }
    self.init(
      frameBytes: pixels.byteCount(side: sampling.side), positions: clock.positions(sampling), room: room,
      scaler: scaler)
  }

  /// Position of the next sample.
  fileprivate var wanted: Int64? { filled < positions.count ? positions[filled] : nil }

  fileprivate mutating func take(
    _ frame: UnsafeMutablePointer<AVFrame>, at position: Int64,
    previous: (frame: UnsafeMutablePointer<AVFrame>, position: Int64)?
  ) throws(Unreadable) {
    let earlier = previous ?? (frame, position)
    while let wanted, wanted < position { try put(earlier.frame, earlier.position) }
    while let wanted, wanted == position { try put(frame, position) }
  }

  fileprivate mutating func put(_ frame: UnsafeMutablePointer<AVFrame>, _ position: Int64) throws(Unreadable) {
    guard let start = room.baseAddress else { preconditionFailure("a sampling has bytes") }
    let destination = start.advanced(by: filled * frameBytes)
    if last == position {
      destination.copyMemory(from: destination.advanced(by: -frameBytes), byteCount: frameBytes)
    } else {
      try scaler.scale(frame, to: destination)
    }
    last = position
    filled += 1
  }
}
