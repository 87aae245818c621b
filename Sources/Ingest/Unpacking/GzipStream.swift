internal import CDeflate
internal import CZlib
internal import Foundation
internal import WorkUnits

/// The content of a gzip file (RFC 1952), of all its members. libarchive's own filter neither looks at the checksum nor gives
/// out what it has when the file ends too early; this one does both.
final class GzipStream: ByteSource {
  private let compressed: ArchiveStream
  private let pipeline: MemberPipeline
  private var zlib = z_stream()
  private var input = UnsafeRawBufferPointer(start: nil, count: 0)
  /// The last bytes of the input before this one: a trailer may begin there.
  private var former: [UInt8] = []
  private var checksum: UInt32 = 0
  /// Of this member, modulo 2^32.
  private var length: UInt32 = 0
  private var block: MemberPipeline.Block?
  private var state = State.atMember(isFirst: true)

  private(set) var failure: (any Error)?
  private(set) var damage: String?

  private enum State: Equatable {
    case atMember(isFirst: Bool)
    case inMember
    case atEnd
  }

  static let magic: [UInt8] = [0x1F, 0x8B, 8]
  private static let trailerBytes = 8

  init(_ compressed: ArchiveStream, _ pipeline: MemberPipeline) throws {
    self.compressed = compressed
    self.pipeline = pipeline
    // 15 bits of window, and 16 for gzip's header.
    let code = inflateInit2_(&zlib, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard code == Z_OK else { throw WorkError(.environment, "out of memory") }
    // zlib's checksum would take as long as all the rest; libdeflate's is ten times as fast.
    inflateValidate(&zlib, 0)
  }

  deinit {
    inflateEnd(&zlib)
    pipeline.giveBack(block)
  }

  func skip(_ count: Int64) -> Int64 { 0 }
  func seek(to offset: Int64) -> Int64 { -1 }

  func home(of bytes: UnsafeRawBufferPointer) -> MemberPipeline.Block? {
    block.flatMap { $0.holds(bytes) ? $0 : nil }
  }

  func next() -> UnsafeRawBufferPointer? {
    if failure != nil || damage != nil { return nil }
    do {
      pipeline.giveBack(block)
      let block = try pipeline.lend()
      self.block = block
      let count = try fill(block.memory)
      if count == 0 && damage != nil { return nil }
      return UnsafeRawBufferPointer(rebasing: block.memory.prefix(count))
    } catch {
      failure = error
      return nil
    }
  }

  /// Returns early rather than wait for more input.
  private func fill(_ memory: UnsafeMutableRawBufferPointer) throws -> Int {
    var done = 0
    while done < memory.count, state != .atEnd, damage == nil {
      if zlib.avail_in == 0 {
        if done > 0 { break }
        guard try takeInput() else { break }
      }
      if case .atMember(let isFirst) = state { beginMember(isFirst: isFirst) }
      if state == .inMember { done += inflate(into: UnsafeMutableRawBufferPointer(rebasing: memory[done...])) }
    }
    return done
  }

  /// False at the end of the file.
  private func takeInput() throws -> Bool {
    former = (former + input.suffix(Self.trailerBytes)).suffix(Self.trailerBytes)
    guard let next = compressed.next() else { throw compressed.failure ?? WorkError(.failure, "no bytes, no reason") }
    input = next
    zlib.next_in = UnsafeMutablePointer(mutating: next.baseAddress?.assumingMemoryBound(to: UInt8.self))
    zlib.avail_in = UInt32(next.count)
    if !next.isEmpty { return true }
    if state == .inMember { damage = "gzip: it ends too early" }
    state = .atEnd
    return false
  }

  /// Whatever follows the last member is not looked at, as with gzip itself.
  private func beginMember(isFirst: Bool) {
    guard isFirst || zlib.next_in.pointee == Self.magic[0] else { return state = .atEnd }
    inflateReset(&zlib)
    inflateValidate(&zlib, 0)
    (checksum, length) = (0, 0)
    state = .inMember
  }

  private func inflate(into memory: UnsafeMutableRawBufferPointer) -> Int {
    zlib.next_out = memory.baseAddress?.assumingMemoryBound(to: UInt8.self)
    zlib.avail_out = UInt32(memory.count)
    let code = CZlib.inflate(&zlib, Z_NO_FLUSH)
    let count = memory.count - Int(zlib.avail_out)
    checksum = libdeflate_crc32(checksum, memory.baseAddress, count)
    length &+= UInt32(truncatingIfNeeded: count)
    switch code {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END:
      checkTrailer()
      state = .atMember(isFirst: false)
    default: damage = "gzip: " + (zlib.msg.map { String(cString: $0) } ?? "it is damaged")
    }
    return count
  }

  /// The eight bytes before what zlib has not read yet.
  private func checkTrailer() {
    let read = former + input.prefix(input.count - Int(zlib.avail_in)).suffix(Self.trailerBytes)
    let trailer = read.suffix(Self.trailerBytes).map { UInt32($0) }
    func word(_ bytes: ArraySlice<UInt32>) -> UInt32 { bytes.reversed().reduce(0) { $0 << 8 | $1 } }
    guard trailer.count == Self.trailerBytes, word(trailer[0..<4]) == checksum, word(trailer[4..<8]) == length else {
      damage = "gzip: the checksum is wrong, so some of what came out of it is not what went in"
      return
    }
  }
}
