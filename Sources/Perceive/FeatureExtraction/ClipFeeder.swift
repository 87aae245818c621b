internal import FrameExchange
internal import Vocabulary
internal import WorkUnits

/// Hands out decoded clips in order, one ahead of the consumer. A clip that ends the decoder gets one more try, alone with
/// a fresh one; then it is unreadable, and the others go on.
final class ClipFeeder {
  struct Fed {
    enum Result {
      case clip(DecodedClip, MicroClip?, slot: Int)
      /// Nothing was learnt of the clip. Why.
      case skipped(String)
    }

    var file: ClipFile
    var result: Result
  }

  private struct Ahead {
    var file: ClipFile
    /// Nil when the clip could not be asked for; then `reason` says why.
    var request: DecodeRequest?
    var reason = ""
  }

  private let clips: [ClipFile]
  private let layout: FrameLayout
  private let decoder: BytePath
  private let patience: DecoderProcess.Patience
  private var process: DecoderProcess?
  /// What decodes, with its version; nil before the first decoder.
  private(set) var version: String?
  private var upcoming = 0
  private var requests = 0
  /// At most one a slot.
  private var ahead: [Ahead] = []

  /// - Parameter patience: how long to wait for a clip.
  init(_ clips: [ClipFile], layout: FrameLayout, decoder: BytePath, patience: DecoderProcess.Patience) {
    self.clips = clips
    self.layout = layout
    self.decoder = decoder
    self.patience = patience
  }

  var count: Int { clips.count }

  /// Frames of a part of the layout; valid until `next` is called.
  func frames(_ part: Int, _ slot: Int) -> UnsafeRawBufferPointer {
    guard let process else { preconditionFailure("frames come from a decoder") }
    return process.frames(of: part, slot: slot)
  }

  /// Asks for as many clips as there are free slots.
  func fill() throws {
    while ahead.count < FrameLayout.slots, upcoming < clips.count {
      ahead.append(try ask(clips[upcoming]))
      upcoming += 1
    }
  }

  /// The next clip; nil after the last. Frees the slot of the clip before.
  func next() throws -> Fed? {
    try fill()
    guard let first = ahead.first else { return nil }
    let result = try result(of: first)
    ahead.removeFirst()
    return Fed(file: first.file, result: result)
  }

  private func result(of first: Ahead) throws -> Fed.Result {
    guard let request = first.request else { return .skipped(first.reason) }
    switch try answer(to: request) {
    case .fine(let result): return result
    case .lost: return try again(first.file)
    case .stalled(let reason): return try skip(reason)
    }
  }

  /// Its decoder was ended, because its file does not come.
  private func skip(_ reason: String) throws -> Fed.Result {
    process = nil
    try askAgain()
    return .skipped(reason)
  }

  /// One more try, alone: what died may have died of something else.
  private func again(_ file: ClipFile) throws -> Fed.Result {
    process = nil
    let retry = try ask(file)
    guard let request = retry.request else {
      try askAgain()
      return .skipped(retry.reason)
    }
    switch try answer(to: request) {
    case .fine(let result):
      try askAgain()
      return result
    case .lost(let how):
      process = nil
      try askAgain()
      return .clip(
        .unreadable("decoding it ended with \(how)", samplings: layout.samplings.count), nil, slot: request.slot)
    case .stalled(let reason): return try skip(reason)
    }
  }

  /// What the dead decoder had been asked besides.
  private func askAgain() throws {
    for index in ahead.indices.dropFirst() { ahead[index] = try ask(ahead[index].file) }
  }

  private enum Ending {
    case fine(Fed.Result)
    case lost(String)
    case stalled(String)
  }

  private func answer(to request: DecodeRequest) throws -> Ending {
    switch try running().receive(request, patience: patience) {
    case .clip(let clip, let micro): return .fine(.clip(clip, micro, slot: request.slot))
    case .trouble(let reason): return .fine(.skipped(reason))
    case .lost(let how): return .lost(how)
    case .stalled(let reason): return .stalled(reason)
    case .killed:
      throw WorkError(
        .killed, "the decoder was killed; if nobody did it, the machine ran out of memory (see dmesg)")
    }
  }

  private func ask(_ file: ClipFile) throws -> Ahead {
    do {
      let opened = try OpenedClip(file)
      return try send(file, opened.descriptor)
    } catch let gone as OpenedClip.Gone {
      return Ahead(file: file, request: nil, reason: gone.reason)
    }
  }

  private func send(_ file: ClipFile, _ descriptor: Int32) throws -> Ahead {
    requests += 1
    let request = DecodeRequest(
      id: requests, slot: requests % FrameLayout.slots, samplings: layout.samplings, micro: layout.micro)
    try running().send(request, clip: descriptor)
    return Ahead(file: file, request: request)
  }

  private func running() throws -> DecoderProcess {
    if let process { return process }
    let made = try DecoderProcess(executable: decoder, layout: layout)
    process = made
    version = made.version
    return made
  }
}
