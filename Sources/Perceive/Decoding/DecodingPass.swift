internal import CFFmpeg
internal import Foundation
internal import Vocabulary

/// One pass over a clip's frames: counts them, places them on the clock's axis, and hands them to the collector.
struct DecodingPass: ~Copyable {
  private let decoder: VideoDecoder
  private let container: Container
  private let clock: SampleClock
  /// Of all frames together: after that none is decoded for the micro clip alone.
  private let pixelBudget: Int64
  private var pixels: Int64 = 0
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
  /// True when no sampling had to repeat the last frame.
  private var wasFull = false
  private var broken: String?
  /// Of the last decoded frame.
  private var position: Int64 = -1
  private var origin: Int64?
  /// Of the last frame that had a time stamp.
  private var lastTime: Int64 = -1
  private var timeIsReliable = true
  /// True when time stamps contradict the clock's frame rate; then nothing else here means anything but `framesStand`.
  private(set) var rateIsWrong = false
  /// True when that was found out after every sampling had its frames: they do not depend on what comes later.
  private(set) var framesStand = false
  /// Microseconds from the last frame but one to the last.
  private var step: Int64 = 0
  /// Pixels of the first frame.
  private(set) var size: (width: Int, height: Int)?

  init(
    _ decoder: VideoDecoder, container: Container, collector: FrameCollector, clock: SampleClock, pixelBudget: Int64
  ) throws(Unreadable) {
    self.decoder = decoder
    self.container = container
    self.collector = collector
    self.clock = clock
    self.pixelBudget = pixelBudget
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
    while wantsMore, !reachedEnd, !rateIsWrong {
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
    wasFull = collector.isFull
    try collector.finish(last, at: position, end: max(end, position + 1))
  }

  private var wantsMore: Bool { !collector.isFull || (collector.wantsMicro && pixels < pixelBudget) }

  /// Whether the clip ended before the last sample.
  var isShort: Bool { reachedEnd && !wasFull && collector.reaches(end) }

  /// Seconds from the first frame to the end of the last, where positions are times.
  var span: Double { Double(end) / 1e6 }

  /// Where the clip ended, on the clock's axis.
  private var end: Int64 { clock.axis == .microseconds ? position + max(1, step) : Int64(decoded + lost) }

  private mutating func take(_ frame: UnsafeMutablePointer<AVFrame>) {
    let place = place(of: frame)
    if rateIsWrong {
      framesStand = collector.isFull
      return
    }
    do throws(Unreadable) {
      try collector.take(frame, at: place, previous: decoded > 0 ? previous.map { ($0, position) } : nil)
    } catch {
      return lose(error.reason)
    }
    if decoded == 0 { size = (Int(frame.pointee.width), Int(frame.pointee.height)) }
    decoded += 1
    pixels += Int64(frame.pointee.width) * Int64(frame.pointee.height)
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
    if let claimed, reachedEnd, decoded < claimed - max(2, claimed / 50), !spansItsDuration {
      return .partial(frames: decoded, reason: "it ends after \(decoded) of about \(claimed) frames")
    }
    return .decoded
  }

  /// Whether the last frame is where the header has the clip's end. Fewer frames than the header claims are no loss then:
  /// AVI writes down nothing for a picture that is shown again.
  private var spansItsDuration: Bool {
    let stream = container.stream.pointee
    let seconds = Double(stream.duration) * av_q2d(stream.time_base)
    return stream.duration > 0 && Double(lastTime) / 1e6 >= seconds * 0.98 - 0.5
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
