internal import CFFmpeg
internal import Foundation
package import FrameExchange
package import Vocabulary
package import WorkUnits

/// Decodes one clip for all samplings and its micro clip in one pass, which ends with the last frame that any of them
/// wants.
package enum ClipDecoder {
  /// The system does not let us read the clip's file: nothing is known of the clip.
  package struct ReadTrouble: Error {
    /// errno.
    package var code: Int32
  }

  /// - Parameters:
  ///   - descriptor: the clip's file; stays the caller's.
  ///   - rooms: for each sampling memory of its `byteCount`; written unless the clip is unreadable.
  ///   - micro: the micro clip's format, and memory for `byteLimit` bytes of it; nil for none.
  /// - Throws: `ReadTrouble`, or `MicroTrouble` when the clip was decoded and its micro clip could not be made.
  package static func decode(
    _ descriptor: Int32, samplings: [Sampling], rooms: [UnsafeMutableRawBufferPointer],
    micro: (format: MicroFormat, room: UnsafeMutableRawBufferPointer)? = nil
  ) throws -> DecodedClip {
    LibraryWords.listening
    let frames = try micro.map { try MicroFrames($0.format) }
    let found = try decode(Attempt(descriptor: descriptor, samplings: samplings, rooms: rooms, micro: frames))
    var clip = found.clip
    // What decoding held is free by now.
    if let micro, let frames, clip.outcome.hasFrames {
      clip.micro = try MicroEncoder.encode(frames, count: found.microFrames, to: micro.room)
    }
    return clip
  }

  /// The header's frame rate may be found wrong on the way. Time stamps do not contradict themselves.
  private static func decode(_ first: Attempt) throws(ReadTrouble) -> Attempt.Found {
    let wrong = Attempt.Found(
      clip: .unreadable("its frame rate contradicts its time stamps", samplings: first.samplings.count), microFrames: 0)
    switch try first.run(byTime: false) {
    case .found(let found): return found
    case .rateIsWrong(nil):
      guard case .found(let found) = try first.run(byTime: true) else { return wrong }
      return found
    case .rateIsWrong(let kept?):
      // Only the micro clip, which goes on longer, is taken anew: features are the same with and without one.
      let second = Attempt(descriptor: first.descriptor, samplings: [], rooms: [], micro: first.micro)
      guard case .found(var found) = try second.run(byTime: true), found.clip.outcome.hasFrames else { return wrong }
      found.clip.frames = kept.frames
      found.clip.short = kept.short
      return found
    }
  }
}

/// One way through a clip.
private struct Attempt {
  var descriptor: Int32
  var samplings: [Sampling]
  var rooms: [UnsafeMutableRawBufferPointer]
  var micro: MicroFrames?

  struct Found {
    var clip: DecodedClip
    var microFrames: Int
  }

  enum End {
    case found(Found)
    /// By its time stamps; with the clip where every sampling had its frames before.
    case rateIsWrong(DecodedClip?)
  }

  func run(byTime: Bool) throws(ClipDecoder.ReadTrouble) -> End {
    LibraryWords.clear()
    let input: ClipInput
    var end: End
    do throws(Unreadable) {
      input = try ClipInput(descriptor: descriptor)
    } catch {
      return unreadable(error)
    }
    do throws(Unreadable) {
      end = try decode(input, byTime: byTime)
    } catch {
      end = unreadable(error)
    }
    if let code = input.refusal { throw ClipDecoder.ReadTrouble(code: code) }
    return end
  }

  private func unreadable(_ why: Unreadable) -> End {
    .found(Found(clip: .unreadable(why.reason, samplings: samplings.count), microFrames: 0))
  }

  private func decode(_ input: ClipInput, byTime: Bool) throws(Unreadable) -> End {
    let container = try Container(input)
    let stream = container.stream.pointee
    let clock = byTime ? .byTime : SampleClock(average: stream.avg_frame_rate.pair, base: stream.r_frame_rate.pair)
    let collector = try FrameCollector(samplings, rooms: rooms, micro: micro, clock: clock)
    var pass = try DecodingPass(
      VideoDecoder(container), container: container, collector: collector, clock: clock,
      pixelBudget: micro?.format.pixelBudget ?? 0)
    try pass.run()
    if pass.rateIsWrong && !pass.framesStand { return .rateIsWrong(nil) }
    let clip = DecodedClip(
      outcome: pass.outcome, facts: ClipFacts(of: container, pass: pass), frames: pass.collector.counts,
      short: pass.isShort)
    return pass.rateIsWrong
      ? .rateIsWrong(clip) : .found(Found(clip: clip, microFrames: pass.collector.microCount))
  }
}

extension AVRational {
  var pair: (Int64, Int64) { (Int64(num), Int64(den)) }
}
