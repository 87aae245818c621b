package import Vocabulary
package import WorkUnits

/// Asks the decoder for the frames of the clip whose descriptor comes along.
package struct DecodeRequest: Sendable, Codable, Equatable {
  /// Counts requests; the reply repeats it.
  package var id: Int
  /// Which slot of the shared memory the frames go to.
  package var slot: Int
  package var samplings: [Sampling]
  /// Nil when no micro clip is wanted.
  package var micro: MicroFormat?

  package init(id: Int, slot: Int, samplings: [Sampling], micro: MicroFormat? = nil) {
    self.id = id
    self.slot = slot
    self.samplings = samplings
    self.micro = micro
  }
}

/// What became of a clip. Its frames lie in the slot when this arrives.
package struct DecodedClip: Sendable, Codable, Equatable {
  package var outcome: ClipOutcome
  /// Nil exactly when the clip is unreadable.
  package var facts: ClipFacts?
  /// Frames written for each sampling: all of them, or none when the clip is unreadable.
  package var frames: [Int]
  /// True when some sampling had to repeat the clip's last frame because the clip had ended.
  package var short: Bool
  /// Bytes of its micro clip, which lies in the slot too; nil when none was wanted or the clip is unreadable.
  package var micro: Int?

  package init(outcome: ClipOutcome, facts: ClipFacts?, frames: [Int], short: Bool, micro: Int? = nil) {
    self.outcome = outcome
    self.facts = facts
    self.frames = frames
    self.short = short
    self.micro = micro
  }

  package static func unreadable(_ reason: String, samplings: Int) -> DecodedClip {
    DecodedClip(
      outcome: .unreadable(reason: reason), facts: nil, frames: Array(repeating: 0, count: samplings), short: false)
  }

  /// Whether the parts agree with one another and with what was asked: the decoder has read a stranger's bytes, so it is
  /// not believed.
  func isCredible(for request: DecodeRequest) -> Bool {
    guard frames == request.samplings.map({ outcome.hasFrames ? $0.frames : 0 }),
      (facts != nil) == outcome.hasFrames, (micro != nil) == (outcome.hasFrames && request.micro != nil)
    else { return false }
    if let micro, let format = request.micro, !(1...format.byteLimit).contains(micro) { return false }
    switch outcome {
    case .decoded: break
    case .partial(let count, let reason):
      guard count > 0, count == facts?.decodedFrames, Self.isText(reason) else { return false }
    case .unreadable(let reason): guard Self.isText(reason) else { return false }
    }
    guard let facts else { return true }
    return FactLimits.allow(facts) && Self.isText(facts.container) && Self.isText(facts.codec)
  }

  static func isText(_ text: String) -> Bool {
    (1...1000).contains(text.utf8.count)
      && text.unicodeScalars.allSatisfy { $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) }
  }
}

/// What the decoder sends.
enum DecoderMessage: Sendable, Codable {
  /// It is confined and waits for the first clip. What it decodes with, and its version.
  case ready(version: String)
  /// It could not be confined, so it reads nothing. Why.
  case refused(String)
  case reply(id: Int, DecodedClip)
  /// The clip's file could not be read; that says nothing of the clip. Why.
  case trouble(id: Int, String)
}
