import Foundation
import FrameExchange
import TestSupport
import Testing
import Vocabulary
import WorkUnits

/// Decoders that do not do as they should, written in Python: what they send is not believed, and how they end is told.
@Suite struct DecoderProcessTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    /// What the decoder does after it received the request as JSON into `ask`.
    var python: String
    /// What the answer must say.
    var answer: String

    var testDescription: String { name }
  }

  private static let good =
    #"{"id": ask["id"], "_1": {"outcome": {"decoded": {}}, "frames": [2], "short": False, "facts": facts}}"#

  static let cases = [
    Case(name: "a good one", python: "say({'reply': \(good)})", answer: "decoded"),
    Case(name: "dies", python: "os.kill(os.getpid(), signal.SIGSEGV)", answer: "signal 11"),
    Case(name: "exits", python: "sys.exit(9)", answer: "exit status 9"),
    Case(name: "waits", python: "time.sleep(1000)", answer: "stalled(\"no answer after 1 s"),
    Case(
      name: "computes without end", python: "while True: pass",
      answer: "lost(\"no answer after 1 s of processor time"),
    Case(name: "says no JSON", python: "s.send(b'\\xff')", answer: "does not add up"),
    Case(name: "says too much", python: "s.send(b' ' * 70000 + b'{}')", answer: "does not add up"),
    Case(
      name: "answers another request", python: "ask['id'] += 1; say({'reply': \(good)})", answer: "does not add up"),
    Case(
      name: "has fewer frames", python: "say({'reply': \(good.replacing("[2]", with: "[1]"))})",
      answer: "does not add up"),
    Case(
      name: "has frames and no facts", python: "say({'reply': \(good.replacing("facts}", with: "None}"))})",
      answer: "does not add up"),
    Case(
      name: "speaks to the terminal",
      python:
        "say({'reply': {'id': ask['id'], '_1': {'outcome': {'unreadable': {'reason': '\\x1b[2J'}}, 'frames': [0], 'short': False}}})",
      answer: "does not add up"),
    Case(
      name: "cannot read the file", python: "say({'trouble': {'id': ask['id'], '_1': 'the disk failed'}})",
      answer: "the disk failed"),
    Case(
      name: "speaks of it to the terminal", python: "say({'trouble': {'id': ask['id'], '_1': '\\x1b[2J'}})",
      answer: "does not add up"),
  ]

  /// One of the two limits decides, whatever the machine is busy with.
  private static let patience: [String: DecoderProcess.Patience] = [
    "waits": .init(processorSeconds: 600, seconds: 1), "computes without end": .init(processorSeconds: 1, seconds: 600),
  ]
  private static let ample = DecoderProcess.Patience(processorSeconds: 600, seconds: 600)

  /// Facts as Python has them, and whether they are believed.
  static let facts: [(name: String, value: String, isBelieved: Bool)] = [
    ("width", "1", true), ("width", "0", false), ("width", "5000000", true), ("width", "5000001", false),
    ("width", "2 ** 62", false), ("height", "-1", false), ("height", "2 ** 63 - 1", false),
    ("decodedFrames", "10 ** 9", true), ("decodedFrames", "10 ** 9 + 1", false), ("decodedFrames", "0", false),
    ("frameCount", "10 ** 9", true), ("frameCount", "10 ** 9 + 1", false), ("frameCount", "0", false),
    ("frameCount", "-1", false), ("frameRate", "1e7", true), ("frameRate", "1.1e7", false), ("frameRate", "0.0", false),
    ("frameRate", "5e-324", true), ("frameRate", "float('nan')", false), ("duration", "0.0", true),
    ("duration", "1e7", true), ("duration", "1.1e7", false), ("duration", "1e308", false), ("duration", "-0.1", false),
    ("duration", "float('inf')", false), ("bitRate", "10 ** 12", true), ("bitRate", "10 ** 12 + 1", false),
    ("bitRate", "0", false), ("bitRate", "-5", false), ("captured", "0", true), ("captured", "-1", false),
    ("captured", "253402300800", true), ("captured", "253402300801", false), ("codec", "''", false),
    ("container", "'\\x1b[2J'", false),
  ]

  @Test(arguments: facts) func factsAreJudged(name: String, value: String, isBelieved: Bool) throws {
    let answer = try answer("facts['\(name)'] = \(value); say({'reply': \(Self.good)})")
    #expect("\(answer)".contains(isBelieved ? "decoded" : "does not add up"), "\(answer)")
  }

  private func answer(_ python: String) throws -> DecoderProcess.Answer {
    try Scratch.with { scratch in
      let layout = try FrameLayout(of: [Self.sampling])
      let process = try DecoderProcess(executable: FakeDecoder.write(python, in: scratch), layout: layout)
      let clip = open("/dev/null", O_RDONLY | O_CLOEXEC)
      defer { close(clip) }
      let request = DecodeRequest(id: 7, slot: 1, samplings: layout.samplings)
      try process.send(request, clip: clip)
      return try process.receive(request, patience: Self.ample)
    }
  }

  private static let sampling = Sampling(rateNumerator: 1, frames: 2, side: 4)

  @Test(arguments: cases) func answersAreJudged(_ decoder: Case) throws {
    try Scratch.with { scratch in
      let script = try FakeDecoder.write(decoder.python, in: scratch)
      let layout = try FrameLayout(of: [Self.sampling])
      let process = try DecoderProcess(executable: script, layout: layout)
      let clip = open("/dev/null", O_RDONLY | O_CLOEXEC)
      defer { close(clip) }
      let request = DecodeRequest(id: 7, slot: 1, samplings: layout.samplings)
      try process.send(request, clip: clip)
      let answer = try process.receive(request, patience: Self.patience[decoder.name] ?? Self.ample)
      #expect("\(answer)".contains(decoder.answer))
      if case .clip = answer { #expect(Array(process.frames(of: 0, slot: 1)) == Array(repeating: 7, count: 96)) }
    }
  }

  struct Micro: Sendable, CustomTestStringConvertible {
    var name: String
    /// How many bytes the decoder says that it wrote, in Python; `size` is what it wrote.
    var claim: String
    var written = "box(b'ftyp', b'isom') + box(b'mdat', b'123456') + index"
    var isTaken = false

    var testDescription: String { name }
  }

  static let micros = [
    Micro(name: "a good one", claim: "size", isTaken: true), Micro(name: "none", claim: "None"),
    Micro(name: "of no bytes", claim: "0"), Micro(name: "of fewer bytes than none", claim: "-1"),
    Micro(name: "shorter than it is", claim: "size - 1"), Micro(name: "longer than it is", claim: "size + 1"),
    Micro(name: "longer than may be", claim: "2 ** 22"), Micro(name: "longer than numbers", claim: "2 ** 70"),
    Micro(name: "no film", claim: "size", written: "b'GIF89a' * 100"),
  ]

  /// The micro clip is looked at before it is believed.
  @Test(arguments: micros) func microClipsAreJudged(_ micro: Micro) throws {
    try Scratch.with { scratch in
      let script = try FakeDecoder.write(
        """
        import struct
        def box(type, inside): return struct.pack('>I', len(inside) + 8) + type + inside
        index = box(b'stsz', struct.pack('>IIIII', 0, 0, 2, 4, 2))
        for name in [b'stbl', b'minf', b'mdia', b'trak', b'moov']: index = box(name, index)
        film = \(micro.written)
        size = len(film)
        start = half * ask['slot'] + 96
        memory[start:start + size] = film
        answer = \(Self.good)
        answer['_1']['micro'] = \(micro.claim)
        say({'reply': answer})
        """, in: scratch)
      let layout = try FrameLayout(of: [Self.sampling], micro: .standard)
      let process = try DecoderProcess(executable: script, layout: layout)
      let clip = open("/dev/null", O_RDONLY | O_CLOEXEC)
      defer { close(clip) }
      let request = DecodeRequest(id: 7, slot: 1, samplings: layout.samplings, micro: .standard)
      try process.send(request, clip: clip)
      let answer = try process.receive(request, patience: Self.ample)
      guard case .clip(_, let taken) = answer else {
        #expect(!micro.isTaken && "\(answer)".contains("does not add up"), "\(answer)")
        return
      }
      #expect(micro.isTaken && taken?.facts.frames == 2 && taken?.facts.bitRate == 48)
    }
  }

  /// No clip can be to blame for a decoder that was never ready.
  @Test(arguments: [("sys.exit(3)", "exit status 3"), ("say({'refused': {'_0': 'no seccomp'}})", "no seccomp")])
  func aDecoderThatIsNotReadyIsTheMachinesTrouble(_ python: String, _ words: String) throws {
    try Scratch.with { scratch in
      let script = try FakeDecoder.write("pass", before: python, in: scratch)
      let error = #expect(throws: WorkError.self) {
        _ = try DecoderProcess(executable: script, layout: FrameLayout(of: [Self.sampling]))
      }
      #expect(error?.kind == .environment)
      #expect(error?.message.contains(words) == true)
    }
  }
}
