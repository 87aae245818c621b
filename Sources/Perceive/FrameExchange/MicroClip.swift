internal import Vocabulary
package import WorkUnits

/// A micro clip whose container was found whole: one track, its samples filling the file's data (ISO/IEC 14496-12). What is
/// said of it here was read from the file itself; what its pictures hold only a decoder can tell.
package struct MicroClip: Sendable, Equatable {
  /// The MP4 file.
  package let bytes: [UInt8]
  package let facts: MicroFacts

  /// Nil when the bytes are no micro clip of that format.
  package init?(_ bytes: [UInt8], format: MicroFormat) {
    guard bytes.count <= format.byteLimit, let boxes = Box.list(bytes[...]), boxes.first?.type == "ftyp",
      boxes.allSatisfy({ ["ftyp", "free", "mdat", "moov"].contains($0.type) }),
      let data = Box.only("mdat", in: boxes), let movie = Box.only("moov", in: boxes),
      let table = movie.inner(["trak", "mdia", "minf", "stbl", "stsz"]),
      let (frames, total) = Self.samples(table.content, limit: format.sampling.frames), total == data.content.count
    else { return nil }
    self.bytes = bytes
    let sampling = format.sampling
    facts = MicroFacts(
      bytes: bytes.count, frames: frames,
      bitRate: Int64(total * 8 * sampling.rateNumerator / (frames * sampling.rateDenominator)))
  }

  /// How many samples a `stsz` box has, and their bytes together: version and flags, the size of all samples or 0, how many
  /// there are, then for 0 the size of each.
  private static func samples(_ content: ArraySlice<UInt8>, limit: Int) -> (count: Int, bytes: Int)? {
    guard let size = number(content, at: 4), let count = number(content, at: 8), (1...limit).contains(count) else {
      return nil
    }
    if size > 0 { return content.count == 12 ? (count, size * count) : nil }
    guard content.count == 12 + 4 * count else { return nil }
    return (count, (0..<count).reduce(0) { $0 + (number(content, at: 12 + 4 * $1) ?? 0) })
  }

  /// Four bytes, the highest first.
  private static func number(_ content: ArraySlice<UInt8>, at offset: Int) -> Int? {
    let bytes = content.dropFirst(offset).prefix(4)
    return bytes.count == 4 ? bytes.reduce(0) { $0 << 8 | Int($1) } : nil
  }

  /// A part of the file: four bytes of size, four of type, then its content.
  private struct Box {
    var type: String
    var content: ArraySlice<UInt8>

    /// The boxes that fill `bytes`; nil when they do not. Sizes of more than 32 bits, or up to the end of the file, are not
    /// what a small file needs.
    static func list(_ bytes: ArraySlice<UInt8>) -> [Box]? {
      var boxes: [Box] = []
      var rest = bytes
      while !rest.isEmpty {
        guard let size = number(rest, at: 0), size >= 8, size <= rest.count else { return nil }
        let box = rest.prefix(size)
        boxes.append(Box(type: String(decoding: box.dropFirst(4).prefix(4), as: UTF8.self), content: box.dropFirst(8)))
        rest = rest.dropFirst(size)
      }
      return boxes
    }

    static func only(_ type: String, in boxes: [Box]) -> Box? {
      let found = boxes.filter { $0.type == type }
      return found.count == 1 ? found[0] : nil
    }

    /// The only box of each type inside the only one before it.
    func inner(_ path: [String]) -> Box? {
      path.reduce(Optional(self)) { box, type in
        box.flatMap { Box.list($0.content) }.flatMap { Box.only(type, in: $0) }
      }
    }
  }
}
