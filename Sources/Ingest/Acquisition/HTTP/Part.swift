internal import Foundation
internal import Vocabulary

/// One version of the file on its way: its bytes, and who looks after them.
struct Part {
  let file: PartFile
  let keeper: PartKeeper
  let identity: Digest
  var total: Int64?
  /// The strong tag it was begun with; nil when it comes in one response.
  let tag: String?
  /// Written, not necessarily durable.
  var have: RangeSet

  var isComplete: Bool { have.prefix == total }

  /// A part without a byte. Its record is durable before anything of an earlier part is overwritten, so that bytes of two
  /// parts never have one identity.
  init(beginning record: PartRecord, at place: Place, _ options: HTTPOptions) throws {
    try place.write(record)
    let file = try PartFile(place.part)
    try file.truncate(0)
    self.init(file, record, place, options)
  }

  /// What an earlier process left; nil when it cannot be gone on with.
  init?(resuming record: PartRecord, at place: Place, _ options: HTTPOptions) throws {
    guard record.isSound, FileState(place.part) != nil else { return nil }
    let file = try PartFile(place.part)
    guard try file.size() >= record.ranges.ranges.last?.upperBound ?? 0 else { return nil }
    self.init(file, record, place, options)
  }

  private init(_ file: PartFile, _ record: PartRecord, _ place: Place, _ options: HTTPOptions) {
    self.file = file
    keeper = PartKeeper(file, place, record, options)
    identity = record.identity
    total = record.total
    tag = record.tag
    have = record.ranges
  }

  mutating func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws {
    try file.write(bytes, at: offset)
    let range = offset..<(offset + Int64(bytes.count))
    have.insert(range)
    keeper.wrote(range)
  }
}
