import Foundation
import TestSupport
import Testing
import Unpacking
import Vocabulary
import WorkUnits

/// Lawful archives with some bytes changed, cut out or doubled, from a seed. Whatever comes of it, nothing gets out, the
/// reports tell what lies there, and a second time everything is the same. `PRIMATRIX_UNPACK_MUTATIONS=20000` does more.
struct MutationTests {
  private static let count = Int(ProcessInfo.processInfo.environment["PRIMATRIX_UNPACK_MUTATIONS"] ?? "") ?? 320

  private static let seeds = Result {
    try UnpackFixture.with { fixture in
      try [
        "tarfile.open(path, 'w')", "tarfile.open(path, 'w', format=tarfile.GNU_FORMAT)", "tarfile.open(path, 'w:gz')",
        "tarfile.open(path, 'w:bz2')", "tarfile.open(path, 'w:xz')",
      ].map { open in
        try fixture.forge(
          """
          tar = \(open)
          for k in range(4): add(tar, ("n" * 110 if k == 2 else "") + f"m{k}", bits(700 * k, k), mtime=1e9 + 0.5)
          tar.close()
          """)
        return UnpackFixture.content(of: BytePath(fixture.archive.path))
      }
        + ["ZIP_STORED", "ZIP_DEFLATED", "ZIP_LZMA"].map { method in
          try fixture.forge(
            "zip = zipfile.ZipFile(path, 'w', zipfile.\(method)); [zip.writestr(f'd/m{k}', bits(700 * k, k)) for k in range(4)]; zip.close()"
          )
          return UnpackFixture.content(of: BytePath(fixture.archive.path))
        }
    }
  }

  @Test(arguments: 0..<8) func nothingGetsOut(share: Int) throws {
    let seeds = try Self.seeds.get()
    var generator = SplitMix64(seed: UInt64(1000 + share))
    for _ in 0..<Self.count / 8 {
      let mutant = Self.mutate(seeds[Int(generator.next() % UInt64(seeds.count))], &generator)
      let first = try outcome(mutant)
      #expect(try outcome(mutant, batchBytes: 1000) == first, "batches make a difference")
    }
  }

  /// What is unpacked, or why nothing is.
  private func outcome(_ mutant: [UInt8], batchBytes: Int64 = 256 << 20) throws -> String {
    try UnpackFixture.with { fixture in
      try Data(mutant).write(to: fixture.archive)
      do {
        let limits = UnpackLimits(members: 1000, totalBytes: 50 << 20, memberBytes: 20 << 20)
        let all = try fixture.unpack(limits, batchBytes: batchBytes)
        return "\(all.members) \(all.rejects) \(String(describing: all.end))"
      } catch let error as WorkError {
        #expect(error.kind == .input, "\(error)")
        return error.message.replacingOccurrences(of: fixture.directory.path, with: "")
      }
    }
  }

  private static func mutate(_ seed: [UInt8], _ generator: inout SplitMix64) -> [UInt8] {
    var bytes = seed
    for _ in 0...generator.next() % 4 where !bytes.isEmpty {
      let at = Int(generator.next() % UInt64(bytes.count))
      let count = min(Int(generator.next() % 64) + 1, bytes.count - at)
      switch generator.next() % 6 {
      case 0: bytes[at] ^= 1 << UInt8(generator.next() % 8)
      case 1: bytes[at] = [0, 0xFF, 0x7F, 0x80, 0x2F, 0x2E][Int(generator.next() % 6)]
      case 2: bytes.removeSubrange(at..<at + count)
      case 3: bytes.insert(contentsOf: bytes[at..<at + count], at: at)
      case 4: for index in at..<at + count { bytes[index] = UInt8(truncatingIfNeeded: generator.next()) }
      default: bytes.removeSubrange(at...)
      }
    }
    return bytes
  }
}
