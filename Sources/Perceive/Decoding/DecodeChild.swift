internal import CFFmpeg
internal import Confinement
internal import Foundation
internal import FrameExchange
internal import Vocabulary
internal import WorkUnits

/// `primatrix-worker decode`: holds one socket, one shared memory and one clip at a time, and is confined before the first.
package enum DecodeChild {
  /// Exit statuses: 0 when there is no more to do, 70 when the exchange broke.
  package static func run() -> Never {
    do {
      try serve(DecoderEnd())
      exit(0)
    } catch {
      FileHandle.standardError.write(Data("decoder: \(error)\n".utf8))
      exit(70)
    }
  }

  private static func serve(_ end: DecoderEnd) throws {
    do {
      try warmUp()
      _ = try Confinement.decoder(sharedBytes: end.byteCount)
    } catch {
      try end.refuse("\(error)")
      return
    }
    try end.ready(version: "FFmpeg \(av_version_info().map { String(cString: $0) } ?? "of no version")")
    while let job = try end.next() {
      defer { close(job.clip) }
      let room = try end.room(for: job.request)
      do {
        let clip = try ClipDecoder.decode(
          job.clip, samplings: job.request.samplings, rooms: room.frames,
          micro: job.request.micro.map { ($0, room.micro) })
        try end.reply(clip, to: job.request)
      } catch let trouble as MicroTrouble {
        try end.report(trouble: "\(trouble)", with: job.request)
      } catch let trouble as ClipDecoder.ReadTrouble {
        try end.report(trouble: "it cannot be read: \(String(cString: strerror(trouble.code)))", with: job.request)
      }
    }
  }

  /// What initialises itself at first use and might want a file for it. A machine whose FFmpeg cannot make micro clips is
  /// found out here.
  private static func warmUp() throws {
    let clip = DecodedClip.unreadable("", samplings: 1)
    if let data = try? CanonicalJSON.encode(clip) { _ = try? CanonicalJSON.decode(DecodedClip.self, from: data) }
    FileHandle.standardError.write(Data())
    LibraryWords.listening
    av_max_alloc(512 << 20)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: MicroFormat.standard.byteLimit, alignment: 16)
    defer { room.deallocate() }
    _ = try MicroEncoder.encode(MicroFrames(.standard), count: 1, to: room)
  }
}
