internal import Foundation

/// The decoder's side of the exchange.
package final class DecoderEnd {
  private let socket: MessageSocket
  private let memory: FrameMemory

  /// What `DecoderProcess` makes of them in the child.
  static let socketDescriptor: Int32 = 3
  static let memoryDescriptor: Int32 = 4

  package struct Job {
    package var request: DecodeRequest
    /// The clip's file, read-only, owned by whoever has the job.
    package var clip: Int32
  }

  /// Takes over the descriptors that this process was started with.
  package init() throws(ExchangeError) {
    socket = MessageSocket(owning: Self.socketDescriptor)
    memory = try FrameMemory(adopting: Self.memoryDescriptor)
  }

  /// Bytes of shared memory.
  package var byteCount: Int { memory.bytes.count }

  /// - Parameter version: what it decodes with, as in `FFmpeg 5.1.6`.
  package func ready(version: String) throws(ExchangeError) { try socket.send(DecoderMessage.ready(version: version)) }
  package func refuse(_ reason: String) throws(ExchangeError) { try socket.send(DecoderMessage.refused(reason)) }

  /// Blocks until there is a job; nil when there will be none.
  package func next() throws(ExchangeError) -> Job? {
    guard let (request, clip) = try socket.receive(DecodeRequest.self, acceptingDescriptor: true) else { return nil }
    guard clip >= 0 else { throw .malformed }
    return Job(request: request, clip: clip)
  }

  /// Where what the job makes goes.
  package struct Room {
    /// One part a sampling.
    package var frames: [UnsafeMutableRawBufferPointer]
    /// For the micro clip; empty when none is wanted.
    package var micro: UnsafeMutableRawBufferPointer
  }

  package func room(for request: DecodeRequest) throws(ExchangeError) -> Room {
    guard let layout = try? FrameLayout(of: request.samplings, micro: request.micro),
      layout.samplings == request.samplings, (0..<FrameLayout.slots).contains(request.slot),
      layout.byteCount <= memory.bytes.count
    else { throw .malformed }
    let frames = layout.samplings.indices.map { part(layout.range(of: $0, slot: request.slot)) }
    return Room(frames: frames, micro: part(layout.microRange(slot: request.slot)))
  }

  private func part(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: memory.bytes[range])
  }

  package func reply(_ clip: DecodedClip, to request: DecodeRequest) throws(ExchangeError) {
    try socket.send(DecoderMessage.reply(id: request.id, clip))
  }

  package func report(trouble: String, with request: DecodeRequest) throws(ExchangeError) {
    try socket.send(DecoderMessage.trouble(id: request.id, trouble))
  }
}
