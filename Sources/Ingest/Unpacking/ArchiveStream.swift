internal import Foundation
internal import WorkUnits

/// The archive's bytes as libarchive asks for them. Where the archive still grows, whoever reads on waits here.
final class ArchiveStream: ByteSource {
  private let parts: ArchiveParts
  private let guidance: Guidance
  /// Given out before the archive's own bytes.
  private var prologue: [UInt8]
  private let prologueBytes: Int64
  private let start: Int64
  private let pipeline: MemberPipeline
  /// What was given out last.
  private var block: MemberPipeline.Block?
  /// Volumes of a tar file whose first header was stepped over, by what they are for the reader.
  private var steps: [Int64] = []

  /// Of the archive's byte that is given out next.
  private(set) var position: Int64
  private(set) var failure: (any Error)?
  var damage: String? { nil }
  /// True for an uncompressed tar file: only there a volume's first header is looked at.
  var isPlainTar = false
  /// Called before waiting for bytes.
  var onStarving: () throws -> Void = {}

  /// - Parameter start: of the archive, from where it is read.
  init(
    _ parts: ArchiveParts, _ guidance: Guidance, _ pipeline: MemberPipeline, from start: Int64 = 0,
    prologue: [UInt8] = []
  ) {
    self.parts = parts
    self.guidance = guidance
    self.pipeline = pipeline
    self.start = start
    self.prologue = prologue
    prologueBytes = Int64(prologue.count)
    position = start
  }

  deinit { pipeline.giveBack(block) }

  var isWhole: Bool { guidance.isWhole }
  /// Bytes that may be read; of the whole archive, all.
  var limit: Int64 { guidance.limit(of: parts.total) }

  /// The archive's offset of what the reader calls `offset`.
  func offset(_ offset: Int64) -> Int64 {
    let volumes = steps.prefix { $0 <= offset }.count
    return start + offset - prologueBytes + Int64(volumes * TarHeader.bytes)
  }

  func next() -> UnsafeRawBufferPointer? {
    do {
      try stepOverVolumeHeader()
      pipeline.giveBack(block)
      let block = try pipeline.lend()
      self.block = block
      return UnsafeRawBufferPointer(rebasing: block.memory.prefix(try fill(block.memory)))
    } catch {
      failure = error
      return nil
    }
  }

  private func fill(_ memory: UnsafeMutableRawBufferPointer) throws -> Int {
    if !prologue.isEmpty {
      memory.copyBytes(from: prologue)
      defer { prologue = [] }
      return prologue.count
    }
    guard try holds(position + 1) else { return 0 }
    let wanted = Int(min(Int64(memory.count), limit - position))
    let count = try parts.read(at: position, into: UnsafeMutableRawBufferPointer(rebasing: memory.prefix(wanted)))
    position += Int64(count)
    return count
  }

  func home(of bytes: UnsafeRawBufferPointer) -> MemberPipeline.Block? {
    block.flatMap { $0.holds(bytes) ? $0 : nil }
  }

  func skip(_ count: Int64) -> Int64 {
    if !prologue.isEmpty { return 0 }
    let end = min(limit, parts.bounds(around: position).upperBound)
    let skipped = max(0, min(count, end - position))
    position += skipped
    return skipped
  }

  func seek(to offset: Int64) -> Int64 {
    guard isWhole, offset >= 0, offset <= limit else { return -1 }
    position = offset
    return offset
  }

  /// Waits until the archive's first `count` bytes may be read; false when it has fewer.
  func holds(_ count: Int64) throws -> Bool {
    while limit < count {
      if isWhole { return false }
      try guidance.look()
      if limit >= count || isWhole { continue }
      try onStarving()
      try guidance.wait()
    }
    return true
  }

  /// The archive's first bytes, as many as there are up to `count`.
  func peek(_ count: Int) throws -> [UInt8] {
    _ = try holds(Int64(count))
    var bytes = [UInt8](repeating: 0, count: min(count, Int(limit)))
    var done = 0
    while done < bytes.count {
      done += try bytes.withUnsafeMutableBytes {
        try parts.read(at: Int64(done), into: UnsafeMutableRawBufferPointer(rebasing: $0[done...]))
      }
    }
    return bytes
  }

  /// `tar --multi-volume` begins each further volume with a header that says which member goes on. Without it the member
  /// is whole.
  private func stepOverVolumeHeader() throws {
    guard isPlainTar, position > start, prologue.isEmpty, try holds(position + 1),
      parts.bounds(around: position).lowerBound == position,
      try holds(position + Int64(TarHeader.bytes))
    else { return }
    var header = [UInt8](repeating: 0, count: TarHeader.bytes)
    guard try header.withUnsafeMutableBytes({ try parts.read(at: position, into: $0) }) == TarHeader.bytes,
      TarHeader.isContinuation(header)
    else { return }
    steps.append(position - start + prologueBytes - Int64(steps.count * TarHeader.bytes))
    position += Int64(TarHeader.bytes)
  }
}
