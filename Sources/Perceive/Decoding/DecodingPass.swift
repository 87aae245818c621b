internal import CFFmpeg
internal import Foundation
internal import Vocabulary

/// One pass over a clip's frames: counts them, places them on the clock's axis, and hands them to the collector.
struct DecodingPass: ~Copyable {
  private let decoder: VideoDecoder
  private let container: Container
  private let clock: SampleClock
  var axis: SampleClock.Axis { clock.axis }
  private(set) var collector: FrameCollector
  /// The frame at hand and the one before it.
  private var current: UnsafeMutablePointer<AVFrame>?
  private var previous: UnsafeMutablePointer<AVFrame>?

  /// Frames decoded, and frames that were there but could not be.
  private(set) var decoded = 0
  private var lost = 0
  /// The first loss: after how many frames, and why.
  private var firstLoss: (after: Int, reason: String)?
  /// True when the clip itself ended, not only our interest in it.
  private(set) var reachedEnd = false
  private var broken: String?
  /// Of the last decoded frame.
  private var position: Int64 = -1
  private var origin: Int64?
  /// Of the last frame that had a time stamp.
  private var lastTime: Int64 = -1
  private var timeIsReliable = true
  /// True when time stamps contradict the clock's frame rate; then nothing else here means anything.
  private(set) var rateIsWrong = false
  /// Microseconds from the last frame but one to the last.
  private var step: Int64 = 0
  /// Pixels of the first frame.
  private(set) var size: (width: Int, height: Int)?

  init(
    _ decoder: VideoDecoder, container: Container, collector: FrameCollector, clock: SampleClock
  ) throws(Unreadable) {
    self.decoder = decoder
    self.container = container
    self.collector = collector
    self.clock = clock
    current = av_frame_alloc()
    previous = av_frame_alloc()
    if current == nil || previous == nil { throw Unreadable("preparing it", code: -ENOMEM) }
  }

  deinit {
    var frame = current
    av_frame_free(&frame)
    frame = previous
    av_frame_free(&frame)
  }

  /// - Throws: `Unreadable` when there was not one frame.
  mutating func run() throws(Unreadable) {
    while !collector.isFull, !reachedEnd, !rateIsWrong {
      guard let frame = current else { break }
      switch decoder.next(frame) {
      case .frame: take(frame)
      case .lost(let reason): lose(reason)
      case .broken(let reason): broken = reason
      case .end: reachedEnd = true
      }
    }
    if rateIsWrong { return }
    guard decoded > 0, let last = previous else { throw Unreadable(nothing) }
    if !collector.isFull { try collector.finish(last, at: position) }
  }

  /// Whether the clip ended before the last sample.
  var isShort: Bool { reachedEnd && collector.reaches(end) }

  /// Seconds from the first frame to the end of the last, where positions are times.
  var span: Double { Double(end) / 1e6 }

  /// Where the clip ended, on the clock's axis.
  private var end: Int64 { clock.axis == .microseconds ? position + max(1, step) : Int64(decoded + lost) }

  private mutating func take(_ frame: UnsafeMutablePointer<AVFrame>) {
    let place = place(of: frame)
    do throws(Unreadable) {
      try collector.take(frame, at: place, previous: decoded > 0 ? previous.map { ($0, position) } : nil)
    } catch {
      return lose(error.reason)
    }
    if decoded == 0 { size = (Int(frame.pointee.width), Int(frame.pointee.height)) }
    decoded += 1
    if decoded > 1 { step = place - position }
    position = place
    swap(&current, &previous)
  }

  /// On the clock's axis. Time that stands still or runs back is no time: the frame comes right after the one before.
  private mutating func place(of frame: UnsafeMutablePointer<AVFrame>) -> Int64 {
    let index = Int64(decoded + lost)
    let time = time(of: frame)
    defer { lastTime = time ?? lastTime }
    if clock.axis == .microseconds { return max(time ?? position + max(1, step), position + 1) }
    guard let time, time > lastTime else {
      timeIsReliable = false
      return index
    }
    guard timeIsReliable else { return index }
    rateIsWrong = clock.contradicts(frame: index, at: time)
    // Decoders take frames in another order than they show them, so the count does not tell which one was lost.
    return lost == 0 ? index : max(clock.nearestFrame(to: time), position + 1)
  }

  /// Microseconds since the first frame.
  private mutating func time(of frame: UnsafeMutablePointer<AVFrame>) -> Int64? {
    let stamp = frame.pointee.best_effort_timestamp
    guard stamp != CFFMPEG_NO_TIMESTAMP else { return nil }
    let micro = AVRational(num: 1, den: 1_000_000)
    let time = av_rescale_q_rnd(stamp, container.stream.pointee.time_base, micro, AV_ROUND_DOWN)
    let start = origin ?? time
    origin = start
    return time.subtractingReportingOverflow(start).partialValue
  }

  private mutating func lose(_ reason: String) {
    if firstLoss == nil { firstLoss = (decoded, reason) }
    lost += 1
  }

  private var nothing: String {
    let why = firstLoss?.reason ?? broken
    return why.map { "not one frame could be decoded: \($0)" } ?? "its video stream has no frames"
  }
}

extension DecodingPass {
  var outcome: ClipOutcome {
    if let loss = firstLoss {
      let count = lost == 1 ? "a frame" : "\(lost) frames"
      return .partial(
        frames: decoded, reason: "\(count) could not be decoded, first after frame \(loss.after): \(loss.reason)")
    }
    if let broken { return .partial(frames: decoded, reason: "it breaks off after \(decoded) frames: \(broken)") }
    if let claimed, reachedEnd, decoded < claimed - max(2, claimed / 50) {
      return .partial(frames: decoded, reason: "it ends after \(decoded) of about \(claimed) frames")
    }
    return .decoded
  }

  /// How many frames the clip should have, by its header.
  private var claimed: Int? {
    let stream = container.stream.pointee
    if stream.nb_frames > 0 { return Int(stream.nb_frames) }
    guard case .frames(let fps, let per) = clock.axis, stream.duration > 0 else { return nil }
    let seconds = Double(stream.duration) * av_q2d(stream.time_base)
    let frames = seconds * Double(fps) / Double(per)
    return frames < 1e9 ? Int(frames) : nil
  }
}
