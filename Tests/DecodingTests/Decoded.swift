import Decoding
import Foundation
import FrameExchange
import TestSupport
import Vocabulary
import WorkUnits

/// A clip decoded in this process, with its frames.
struct Decoded {
  var clip: DecodedClip
  /// For each sampling its bytes.
  var frames: [[UInt8]]
  /// Its micro clip, where one was asked for.
  var micro: [UInt8]?
  private var samplings: [Sampling]

  init(_ descriptor: Int32, _ samplings: [Sampling], micro format: MicroFormat? = nil) throws {
    let rooms = samplings.map { UnsafeMutableRawBufferPointer.allocate(byteCount: $0.byteCount, alignment: 16) }
    defer { for room in rooms { room.deallocate() } }
    for room in rooms { room.initializeMemory(as: UInt8.self, repeating: 0xa5) }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: format?.byteLimit ?? 0, alignment: 16)
    defer { room.deallocate() }
    clip = try ClipDecoder.decode(descriptor, samplings: samplings, rooms: rooms, micro: format.map { ($0, room) })
    micro = clip.micro.map { Array(room.prefix($0)) }
    frames = rooms.map { Array($0) }
    self.samplings = samplings
  }

  init(_ file: URL, _ samplings: [Sampling], micro format: MicroFormat? = nil) throws {
    let descriptor = open(file.path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(descriptor) }
    try self.init(descriptor, samplings, micro: format)
  }

  /// The numbers that the frames of a counting clip show.
  func numbers(_ index: Int = 0) -> [Int] {
    let sampling = samplings[index]
    let size = sampling.side * sampling.side * 3
    return frames[index].withUnsafeBytes { bytes in
      (0..<sampling.frames).map {
        ClipMaker.number(UnsafeRawBufferPointer(rebasing: bytes[$0 * size..<($0 + 1) * size]), side: sampling.side)
      }
    }
  }

  var reason: String? {
    switch clip.outcome {
    case .decoded: nil
    case .partial(_, let reason), .unreadable(let reason): reason
    }
  }
}
