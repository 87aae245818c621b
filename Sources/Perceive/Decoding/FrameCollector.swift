internal import CFFmpeg
internal import Foundation
internal import Vocabulary

/// Fills the samples of every sampling from the frames of one pass. A sample between two frames is the earlier one; one
/// before the first frame that could be decoded is that frame; samples after the last are the last, repeated.
struct FrameCollector {
  private var parts: [Part]
  private let clock: SampleClock

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

  /// - Parameter rooms: for each sampling memory of its `byteCount`.
  init(_ samplings: [Sampling], rooms: [UnsafeMutableRawBufferPointer], clock: SampleClock) throws(Unreadable) {
    self.clock = clock
    parts = []
    for (sampling, room) in zip(samplings, rooms) {
      guard let scaler = FrameScaler(side: sampling.side) else { throw Unreadable("preparing it", code: -ENOMEM) }
      parts.append(
        Part(
          frameBytes: sampling.side * sampling.side * 3, positions: clock.positions(sampling), room: room,
          scaler: scaler))
    }
  }

  var isFull: Bool { parts.allSatisfy { $0.filled == $0.positions.count } }
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
    for index in parts.indices {
      let earlier = previous ?? (frame, position)
      while let wanted = parts[index].wanted, wanted < position {
        try parts[index].put(earlier.frame, earlier.position)
      }
      while let wanted = parts[index].wanted, wanted == position { try parts[index].put(frame, position) }
    }
  }

  /// The clip has ended: what is still wanted is its last frame.
  mutating func finish(_ frame: UnsafeMutablePointer<AVFrame>, at position: Int64) throws(Unreadable) {
    for index in parts.indices {
      while parts[index].wanted != nil { try parts[index].put(frame, position) }
    }
  }
}

extension FrameCollector.Part {
  /// Position of the next sample.
  fileprivate var wanted: Int64? { filled < positions.count ? positions[filled] : nil }

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
