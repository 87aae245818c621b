internal import CFFmpeg
internal import Foundation

/// A clip's descriptor as FFmpeg reads it: by pread, at places of our own, from nothing else.
final class ClipInput {
  private let descriptor: Int32
  let size: Int64
  private var position: Int64 = 0
  /// errno of the first read that the system refused: then nothing can be said of the clip.
  private(set) var refusal: Int32?
  /// Bytes read since the last packet.
  private var fruitless: Int64 = 0
  private(set) var context: UnsafeMutablePointer<AVIOContext>?

  private static let bufferSize: Int32 = 64 << 10
  /// Where a parser looks for its way through this much and finds nothing, the clip ends.
  private static let patience: Int64 = 256 << 20

  /// - Parameter descriptor: stays the caller's.
  /// - Throws: `Unreadable` for what is no file or empty.
  init(descriptor: Int32) throws(Unreadable) {
    self.descriptor = descriptor
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Unreadable("not a regular file")
    }
    size = Int64(status.st_size)
    if size == 0 { throw Unreadable("empty file") }
    guard let buffer = av_malloc(Int(Self.bufferSize)) else { throw Unreadable("opening it", code: -ENOMEM) }
    context = avio_alloc_context(
      buffer.assumingMemoryBound(to: UInt8.self), Self.bufferSize, 0, Unmanaged.passUnretained(self).toOpaque(),
      { owner, bytes, count in ClipInput.of(owner)?.read(bytes, count) ?? -EINVAL }, nil,
      { owner, offset, whence in ClipInput.of(owner)?.seek(offset, whence) ?? Int64(-EINVAL) })
    if context == nil { av_free(buffer) }
  }

  deinit {
    // The buffer may be another one than was given.
    if let context { av_free(context.pointee.buffer) }
    avio_context_free(&context)
  }

  /// There was a packet.
  func progressed() { fruitless = 0 }

  private static func of(_ owner: UnsafeMutableRawPointer?) -> ClipInput? {
    owner.map { Unmanaged<ClipInput>.fromOpaque($0).takeUnretainedValue() }
  }

  private func read(_ bytes: UnsafeMutablePointer<UInt8>?, _ count: Int32) -> Int32 {
    if fruitless > Self.patience { return CFFMPEG_EOF }
    while true {
      let got = pread(descriptor, bytes, Int(count), Int(position))
      if got > 0 {
        position += Int64(got)
        fruitless += Int64(got)
        return Int32(got)
      }
      if got == 0 { return CFFMPEG_EOF }
      if errno == EINTR { continue }
      refusal = refusal ?? errno
      return -errno
    }
  }

  private func seek(_ offset: Int64, _ whence: Int32) -> Int64 {
    let target: Int64
    switch whence & ~Int32(AVSEEK_FORCE) {
    case Int32(AVSEEK_SIZE): return size
    case SEEK_SET: target = offset
    case SEEK_CUR: target = position.addingReportingOverflow(offset).partialValue
    case SEEK_END: target = size.addingReportingOverflow(offset).partialValue
    default: return Int64(-EINVAL)
    }
    if target < 0 { return Int64(-EINVAL) }
    position = target
    return target
  }
}
