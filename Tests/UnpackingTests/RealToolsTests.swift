import Foundation
import TestSupport
import Testing
import Unpacking
import Vocabulary
import WorkUnits

/// Archives as the programs that people have write them, whole and in volumes.
struct RealToolsTests {
  struct Recipe: CustomTestStringConvertible, Sendable {
    /// A shell command in a folder with `data/`; what it makes are the parts, in the order of `parts`.
    var command: String
    /// File names, or a shell pattern.
    var parts: String
    var program: String
    /// Formats of old have no place for a long name.
    var takesLongNames = true
    var testDescription: String { command }
  }

  static let recipes = [
    Recipe(command: "tar -cf a.tar data", parts: "a.tar", program: "tar"),
    Recipe(command: "tar --format=posix -cf a.tar data", parts: "a.tar", program: "tar"),
    Recipe(command: "tar --format=ustar -cf a.tar data", parts: "a.tar", program: "tar", takesLongNames: false),
    Recipe(command: "tar --sparse -cf a.tar data", parts: "a.tar", program: "tar"),
    Recipe(command: "tar --sparse --format=posix -cf a.tar data", parts: "a.tar", program: "tar"),
    Recipe(command: "tar -czf a.tgz data", parts: "a.tgz", program: "gzip"),
    Recipe(command: "tar -cf - data | split -b 50000 -d -a 3 - a.tar.", parts: "a.tar.*", program: "tar"),
    Recipe(command: "tar -czf - data | split -b 70001 - a.tgz.", parts: "a.tgz.*", program: "gzip"),
    Recipe(
      command: "tar -cM -L 150 -f v1 -f v2 -f v3 -f v4 -f v5 -f v6 -f v7 -f v8 -f v9 data", parts: "v?", program: "tar",
      takesLongNames: false),
    Recipe(command: "tar -cf - data | bzip2 > a.tar.bz2", parts: "a.tar.bz2", program: "bzip2"),
    Recipe(command: "tar -cf - data | xz -T2 --block-size=60000 > a.tar.xz", parts: "a.tar.xz", program: "xz"),
    Recipe(command: "tar -cf - data | zstd -q -19 --long=27 > a.tar.zst", parts: "a.tar.zst", program: "zstd"),
    Recipe(
      command: "tar -cf - data | split -b 90000 - p. && for p in p.*; do zstd -q --rm $p; done && cat p.* > a.tar.zst",
      parts: "a.tar.zst", program: "zstd"),
    Recipe(command: "bsdtar --format pax -cf a.tar data", parts: "a.tar", program: "bsdtar"),
    Recipe(command: "bsdtar --format zip -cf a.zip data", parts: "a.zip", program: "bsdtar"),
    Recipe(command: "bsdtar --format 7zip -cf a.7z data", parts: "a.7z", program: "bsdtar"),
    Recipe(command: "zip -qr a.zip data", parts: "a.zip", program: "zip"),
    Recipe(command: "zip -qr0 a.zip data", parts: "a.zip", program: "zip"),
    Recipe(command: "zip -qr - data > a.zip", parts: "a.zip", program: "zip"),
    Recipe(command: "zip -qr -s 64k a.zip data", parts: "a.z[0-9][0-9] a.zip", program: "zip"),
    Recipe(command: "zip -qr0 -s 64k a.zip data", parts: "a.z[0-9][0-9] a.zip", program: "zip"),
    Recipe(command: "7z a -bd a.7z data", parts: "a.7z", program: "7z"),
    Recipe(command: "7z a -bd -m0=lzma a.7z data", parts: "a.7z", program: "7z"),
    Recipe(command: "7z a -bd -m0=ppmd a.7z data", parts: "a.7z", program: "7z"),
    Recipe(command: "7z a -bd -m0=bzip2 -ms=off a.7z data", parts: "a.7z", program: "7z"),
    Recipe(command: "7z a -bd -v60k a.7z data", parts: "a.7z.*", program: "7z"),
    Recipe(command: "7z a -bd -tzip -v60k a.zip data", parts: "a.zip.*", program: "7z"),
    Recipe(command: "7z a -bd -tzip -mm=lzma a.zip data", parts: "a.zip", program: "7z"),
  ]

  @Test(arguments: recipes) func comesOutAsItWentIn(recipe: Recipe) throws {
    guard Self.has(recipe.program) else {
      print("skipped: \(recipe.program) is not installed, which scripts/setup --with-tests installs")
      return
    }
    try UnpackFixture.with { fixture in
      let wanted = try Self.makeData(in: fixture.directory, withLongName: recipe.takesLongNames)
      try Command.run("sh", ["-c", "set -e; { \(recipe.command); } >/dev/null </dev/null"], in: fixture.directory)
      let names = try Command.run("sh", ["-c", "ls -1 \(recipe.parts)"], in: fixture.directory)
      let parts = String(decoding: names, as: UTF8.self).split(separator: "\n").map(String.init)
      // A shell's order, with the last volume of a zip behind the others.
      let ordered = parts.filter { $0 != "a.zip" }.sorted() + parts.filter { $0 == "a.zip" }
      let all = try fixture.unpack(parts: ordered.map { fixture.directory.appending(path: $0) })
      #expect(all.rejects.isEmpty && all.end == .whole, "\(all.rejects) \(all.cutShort ?? "")")
      let got = Dictionary(uniqueKeysWithValues: all.members.map { ($0.path.display, $0.digest) })
      #expect(got == wanted)
      for member in all.members {
        let original = UnpackFixture.modified(fixture.directory.appending(path: member.path.display))
        #expect(abs(member.modified - original) < 2_000_000_000, "\(member.path)")
      }
    }
  }

  /// Noise, zeros, a file with a hole, an empty one, a long name and one that is not English.
  private static func makeData(in folder: URL, withLongName: Bool) throws -> [String: Digest] {
    var generator = SplitMix64(seed: 3)
    var contents: [String: [UInt8]] = ["data/empty.mov": [], "data/zeros.avi": [UInt8](repeating: 0, count: 90_000)]
    for (index, name) in [
      "a.mp4", "b c.MP4", "Taï/ñ.avi", "deep/er/and/deeper/x.asf",
      String(repeating: "n", count: withLongName ? 140 : 60) + ".mp4",
    ].enumerated() {
      contents["data/\(name)"] = (0..<(20_000 + index * 37_123)).map { _ in UInt8(truncatingIfNeeded: generator.next())
      }
    }
    contents["data/hole.bin"] =
      [UInt8](repeating: 0, count: 300_000) + [1, 2, 3] + [UInt8](repeating: 0, count: 200_000)
    for (name, bytes) in contents {
      let path = folder.appending(path: name)
      try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
      if name.hasSuffix("hole.bin") {
        #expect(FileManager.default.createFile(atPath: path.path, contents: nil))
        let file = try FileHandle(forWritingTo: path)
        try file.truncate(atOffset: UInt64(bytes.count))
        try file.seek(toOffset: 300_000)
        try file.write(contentsOf: [1, 2, 3])
        try file.close()
      } else {
        try Data(bytes).write(to: path)
      }
    }
    return contents.mapValues { Digest(of: $0) }
  }

  private static func has(_ program: String) -> Bool {
    (try? Command.run("which", [program])) != nil
  }
}
