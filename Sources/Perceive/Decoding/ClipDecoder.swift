internal import CFFmpeg
internal import Foundation
package import FrameExchange
package import Vocabulary

/// Decodes one clip for all samplings in one pass, which ends with the last frame that any of them wants.
package enum ClipDecoder {
  /// The system does not let us read the clip's file: nothing is known of the clip.
  package struct ReadTrouble: Error {
    package var code: Int32
  }

  /// - Parameters:
  ///   - descriptor: the clip's file; stays the caller's.
  ///   - rooms: for each sampling memory of its `byteCount`; written unless the clip is unreadable.
  package static func decode(
    _ descriptor: Int32, samplings: [Sampling], rooms: [UnsafeMutableRawBufferPointer]
  ) throws(ReadTrouble) -> DecodedClip {
    LibraryWords.clear()
    let input: ClipInput
    do throws(Unreadable) {
      input = try ClipInput(descriptor: descriptor)
    } catch {
      return .unreadable(error.reason, samplings: samplings.count)
    }
    let clip: DecodedClip
    do throws(Unreadable) {
      clip = try decode(input, samplings, rooms)
    } catch {
      clip = .unreadable(error.reason, samplings: samplings.count)
    }
    if let code = input.refusal { throw ReadTrouble(code: code) }
    return clip
  }

  private static func decode(
    _ input: ClipInput, _ samplings: [Sampling], _ rooms: [UnsafeMutableRawBufferPointer]
  ) throws(Unreadable) -> DecodedClip {
    let container = try Container(input)
    let stream = container.stream.pointee
    let clock = SampleClock(average: stream.avg_frame_rate.pair, base: stream.r_frame_rate.pair)
    var pass = try DecodingPass(
      VideoDecoder(container), container: container,
      collector: FrameCollector(samplings, rooms: rooms, clock: clock), clock: clock)
    try pass.run()
    return DecodedClip(
      outcome: pass.outcome, facts: ClipFacts(of: container, pass: pass), frames: pass.collector.counts,
      short: pass.isShort)
  }
}

extension AVRational {
  var pair: (Int64, Int64) { (Int64(num), Int64(den)) }
}
