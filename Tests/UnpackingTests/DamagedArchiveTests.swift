import Foundation
import TestSupport
import Testing
import Unpacking
import Vocabulary
import WorkUnits

/// Broken archives: every good member that can be had is had, bit by bit, and the damage is told.
struct DamagedArchiveTests {
  /// `m0` ... `m4` of 100,000 random bytes each, written by `open`.
  private func archive(_ fixture: UnpackFixture, _ open: String, _ damage: String) throws {
    try fixture.forge(
      """
      \(open)
      data = bytearray(open(path, "rb").read())
      \(damage)
      open(path, "wb").write(data)
      """)
  }

  private static let tar = """
    tar = tarfile.open(path, "w")
    for k in range(5): add(tar, f"m{k}.mp4", bits(100_000, k))
    tar.close()
    """
  private static let tarGz = tar.replacingOccurrences(of: "\"w\"", with: "\"w:gz\"")
  private static let zip = """
    zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED)
    for k in range(5): zip.writestr(f"m{k}.mp4", bits(100_000, k))
    zip.close()
    """

  private static let contents = Result { try (0..<5).map { try UnpackFixture.bits(100_000, $0) } }

  private func expect(_ report: Unpacked, members: [Int], in fixture: UnpackFixture) throws {
    var contents: [String: [UInt8]] = [:]
    for number in members { contents["m\(number).mp4"] = try Self.contents.get()[number] }
    fixture.expect(report, holds: contents)
  }

  struct Damage: CustomTestStringConvertible, Sendable {
    var name: String
    var make: String
    var damage: String
    var members: [Int]
    /// Names of rejects; "" for one without.
    var rejects: [String]
    var isCut: Bool
    var testDescription: String { name }
  }

  // A member of the tar file has 512 + 100,352 bytes.
  static let damages: [Damage] = [
    Damage(
      name: "tar, truncated in a member", make: tar, damage: "del data[250_000:]", members: [0, 1], rejects: ["m2.mp4"],
      isCut: true),
    Damage(
      name: "tar, truncated in a header", make: tar, damage: "del data[100_864 * 2 + 100:]", members: [0, 1],
      rejects: [], isCut: true),
    Damage(
      name: "tar, a broken header", make: tar, damage: "data[100_864 + 10] ^= 255", members: [0, 2, 3, 4],
      rejects: [""], isCut: false),
    Damage(
      name: "tar, a header of zeros", make: tar, damage: "data[100_864 : 100_864 + 1024] = bytes(1024)",
      members: [0, 2, 3, 4], rejects: [""], isCut: false),
    Damage(
      name: "tar, no end mark", make: tar, damage: "del data[100_864 * 5:]", members: [0, 1, 2, 3, 4], rejects: [],
      isCut: false),
    Damage(
      name: "tar.gz, truncated", make: tarGz, damage: "del data[280_000:]", members: [0, 1], rejects: ["m2.mp4"],
      isCut: true),
    Damage(
      name: "tar.gz, a broken stretch", make: tarGz, damage: "data[250_000 : 330_000] = bytes(80_000)",
      members: [0, 1], rejects: ["m2.mp4"], isCut: true),
    Damage(
      name: "zip, a corrupt member", make: zip, damage: "data[150_000] ^= 255", members: [0, 2, 3, 4],
      rejects: ["m1.mp4"], isCut: false),
    Damage(
      name: "zip, truncated", make: zip, damage: "del data[250_000:]", members: [0, 1], rejects: ["m2.mp4"], isCut: true
    ),
    Damage(
      name: "zip, without its directory", make: zip, damage: "del data[data.index(b'PK\\x01\\x02'):]",
      members: [0, 1, 2, 3, 4], rejects: [], isCut: true),
  ]

  @Test(arguments: damages) func whatIsGoodIsHad(damage: Damage) throws {
    try UnpackFixture.with { fixture in
      try archive(fixture, damage.make, damage.damage)
      let report = try fixture.unpack()
      try expect(report, members: damage.members, in: fixture)
      #expect(report.rejects.map(\.path.display) == damage.rejects, "\(report.rejects)")
      for reject in report.rejects { #expect(reject.reason.hasPrefix("it is damaged: "), "\(reject)") }
      #expect((report.cutShort != nil) == damage.isCut, "\(report.cutShort ?? "")")
    }
  }

  @Test(arguments: [
    ("nothing", "open(path, 'wb')"), ("noise", "open(path, 'wb').write(bits(100_000, 1))"),
    ("a web page", "open(path, 'wb').write(b'<html><body>Please log in</body></html>' * 100)"),
    ("noise in gzip", "open(path, 'wb').write(gzip.compress(bits(100_000, 1)))"),
    ("the beginning of a gzip", "open(path, 'wb').write(gzip.compress(bits(100_000, 1))[:100])"),
    (
      "a first member in part",
      "tar = tarfile.open(path, 'w'); add(tar, 'm', bits(5000, 1)); tar.close(); data = open(path, 'rb').read()[:2000]; open(path, 'wb').write(data)"
    ),
    ("rar", "open(path, 'wb').write(b'Rar!\\x1a\\x07\\x01\\x00' + bits(1000, 1))"),
  ]) func whatIsNoArchiveIsRefused(name: String, program: String) throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(program)
      let error = #expect(throws: WorkError.self) { try fixture.unpack() }
      #expect(error?.kind == .input)
      #expect(error?.message.contains(fixture.archive.path) == true && error?.message.contains("tar, zip") == true)
    }
  }

  @Test func aMissingArchiveIsTheMachinesFault() throws {
    try UnpackFixture.with { fixture in
      let error = #expect(throws: WorkError.self) { try fixture.unpack() }
      #expect(error?.kind == .environment)
    }
  }

  @Test func anEmptyArchiveIsEmpty() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge("tarfile.open(path, 'w').close()")
      #expect(try fixture.unpack().members.isEmpty)
    }
  }
}
