internal import CFFmpeg
internal import Foundation
package import FrameExchange
package import Vocabulary

/// Decodes one clip for all samplings in one pass, which ends with the last frame that any of them wants.
package enum ClipDecoder {
  /// The system does not let us read the clip's file: nothing is known of the clip.
  package struct ReadTrouble: Error {
    /// errno.
    package var code: Int32
  }

  /// - Parameters:
  ///   - descriptor: the clip's file; stays the caller's.
  ///   - rooms: for each sampling memory of its `byteCount`; written unless the clip is unreadable.
  package static func decode(
    _ descriptor: Int32, samplings: [Sampling], rooms: [UnsafeMutableRawBufferPointer]
  ) throws(ReadTrouble) -> DecodedClip {
    LibraryWords.listening
    if let clip = try attempt(descriptor, samplings, rooms, byTime: false) { return clip }
    // Found out on the way. Time stamps do not contradict themselves.
    if let clip = try attempt(descriptor, samplings, rooms, byTime: true) { return clip }
    return .unreadable("its frame rate contradicts its time stamps", samplings: samplings.count)
  }

  /// Nil when time stamps show that the header's frame rate is wrong.
  private static func attempt(
    _ descriptor: Int32, _ samplings: [Sampling], _ rooms: [UnsafeMutableRawBufferPointer], byTime: Bool
  ) throws(ReadTrouble) -> DecodedClip? {
    LibraryWords.clear()
    let input: ClipInput
    var clip: DecodedClip?
    do throws(Unreadable) {
      input = try ClipInput(descriptor: descriptor)
    } catch {
      return .unreadable(error.reason, samplings: samplings.count)
    }
    do throws(Unreadable) {
      clip = try decode(input, samplings, rooms, byTime: byTime)
    } catch {
      clip = .unreadable(error.reason, samplings: samplings.count)
    }
    if let code = input.refusal { throw ReadTrouble(code: code) }
    return clip
  }

  private static func decode(
    _ input: ClipInput, _ samplings: [Sampling], _ rooms: [UnsafeMutableRawBufferPointer], byTime: Bool
  ) throws(Unreadable) -> DecodedClip? {
    let container = try Container(input)
    let stream = container.stream.pointee
    let clock = byTime ? .byTime : SampleClock(average: stream.avg_frame_rate.pair, base: stream.r_frame_rate.pair)
    let collector = try FrameCollector(samplings, rooms: rooms, clock: clock)
    var pass = try DecodingPass(VideoDecoder(container), container: container, collector: collector, clock: clock)
    try pass.run()
    if pass.rateIsWrong { return nil }
    return DecodedClip(
      outcome: pass.outcome, facts: ClipFacts(of: container, pass: pass), frames: pass.collector.counts,
      short: pass.isShort)
  }
}

extension AVRational {
  var pair: (Int64, Int64) { (Int64(num), Int64(den)) }
}
