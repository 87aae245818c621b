import FeatureExtraction
import Foundation
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// With stand-ins for the decoder that die at clips which say so.
@Suite struct DecoderDeathTests {
  struct Case: Sendable, CustomTestStringConvertible {
    /// What the clips hold; the stand-in obeys it.
    var clips: [String]
    /// For each clip the end of its reason; nil: decoded.
    var reasons: [String?]

    var testDescription: String { clips.joined(separator: ",") }
  }

  private static let killed = "decoding it ended with signal 11 (Segmentation fault)"

  static let cases = [
    Case(clips: ["good", "good"], reasons: [nil, nil]),
    Case(clips: ["kill", "good", "good"], reasons: [killed, nil, nil]),
    Case(clips: ["good", "kill", "good", "good"], reasons: [nil, killed, nil, nil]),
    Case(clips: ["good", "good", "kill"], reasons: [nil, nil, killed]),
    Case(clips: ["kill", "kill", "good", "kill"], reasons: [killed, killed, nil, killed]),
    // What it died of the first time may have been something else.
    Case(clips: ["good", "once", "good", "once"], reasons: [nil, nil, nil, nil]),
    Case(clips: ["kill", "once", "good"], reasons: [killed, nil, nil]),
    Case(clips: ["exit", "good"], reasons: ["decoding it ended with exit status 4", nil]),
    Case(clips: ["lie", "good"], reasons: ["decoding it ended with an answer that does not add up", nil]),
    Case(clips: ["good", "hang", "good"], reasons: [nil, "decoding it ended with no answer after 15 s", nil]),
  ]

  @Test(arguments: cases) func oneClipNeverCostsAnother(_ example: Case) throws {
    try Scratch.with { scratch in
      let clips = try example.clips.enumerated().map { index, word in
        let url = scratch.appending(path: "\(index).avi")
        try Data("\(word) \(index)".utf8).write(to: url)
        return try clip(url)
      }
      // It holds for the good ones too.
      let limit = example.clips.contains("hang") ? 15 : 120
      let extracted = try Extracted(clips, decoder: Self.decoder(scratch), limit: limit, in: scratch)
      #expect(extracted.ledger.entries.count == clips.count)
      for (file, reason) in zip(clips, example.reasons) {
        #expect(extracted.outcome(file) == reason.map { .unreadable(reason: $0) } ?? .decoded)
      }
      let tried = try String(contentsOf: scratch.appending(path: "log"), encoding: .utf8).split(separator: "\n")
      // One that lies may have done the next clip too before it was ended; the dead have done nothing more.
      for (index, word) in example.clips.enumerated() where word != "good" || !example.clips.contains("lie") {
        #expect(tried.filter { $0 == "\(word) \(index)" }.count == (word == "good" ? 1 : 2))
      }
    }
  }

  private static func decoder(_ scratch: URL) throws -> BytePath {
    let log = scratch.appending(path: "log").path
    return try FakeDecoder.write(
      """
      text = os.pread(clip, 100, 0).decode()
      word = text.split()[0]
      before = open('\(log)').read().split('\\n') if os.path.exists('\(log)') else []
      open('\(log)', 'a').write(text + '\\n')
      if word == 'kill' or (word == 'once' and text not in before): os.kill(os.getpid(), signal.SIGSEGV)
      if word == 'stop': os.kill(os.getpid(), signal.SIGKILL)
      if word == 'exit': sys.exit(4)
      if word == 'hang': time.sleep(1000)
      frames = [each['frames'] for each in ask['samplings']]
      if word == 'lie': frames[0] += 1
      say({'reply': {'id': ask['id'], '_1': {'outcome': {'decoded': {}}, 'frames': frames, 'short': False, 'facts': facts}}})
      """, in: scratch)
  }

  /// The unit is for another time: the clip has nothing to do with it.
  @Test func aDecoderThatSomebodyKilledBlamesNoClip() throws {
    try Scratch.with { scratch in
      let url = scratch.appending(path: "a.avi")
      try Data("stop 0".utf8).write(to: url)
      let error = #expect(throws: WorkError.self) {
        _ = try Extracted([clip(url)], decoder: Self.decoder(scratch), in: scratch)
      }
      #expect(error?.kind == .killed)
    }
  }

  @Test func aDecoderThatCannotStartIsTheMachinesTrouble() throws {
    try Scratch.with { scratch in
      let url = scratch.appending(path: "a.avi")
      try Data("good".utf8).write(to: url)
      let error = #expect(throws: WorkError.self) {
        _ = try Extracted([clip(url)], decoder: "/no/such/worker", in: scratch)
      }
      #expect(error?.kind == .environment)
      #expect(error?.message.contains("/no/such/worker") == true)
    }
  }
}
