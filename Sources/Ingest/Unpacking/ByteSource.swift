/// What libarchive reads from.
protocol ByteSource: AnyObject {
  /// The next bytes, valid until the next call, or until the pipeline is through with them; empty at the end; nil when
  /// there is a `failure` or a `damage`.
  func next() -> UnsafeRawBufferPointer?
  /// Passes over up to `count` bytes without reading them and says how many.
  func skip(_ count: Int64) -> Int64
  /// Goes to an offset of an archive that is there whole; -1 where that cannot be.
  func seek(to offset: Int64) -> Int64
  /// The block that `bytes` lie in, when they are part of what was given out last.
  func home(of bytes: UnsafeRawBufferPointer) -> MemberPipeline.Block?
  /// Why the machine did not give the next bytes.
  var failure: (any Error)? { get }
  /// What is wrong with the bytes themselves.
  var damage: String? { get }
}

extension MemberPipeline.Block {
  func holds(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let first = bytes.baseAddress, let start = memory.baseAddress else { return false }
    return first >= UnsafeRawPointer(start) && first < UnsafeRawPointer(start) + memory.count
  }
}
