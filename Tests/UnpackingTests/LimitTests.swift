import Foundation
import TestSupport
import Testing
import Unpacking
import Vocabulary
import WorkUnits

struct LimitTests {
  private static let ten = """
    tar = tarfile.open(path, "w:gz")
    for k in range(10): add(tar, f"m{k}", bits(1000, k))
    tar.close()
    """

  @Test(arguments: [
    (10, 10, false), (9, 9, true), (1, 1, true),
  ]) func members(limit: Int, got: Int, isCut: Bool) throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(Self.ten)
      let report = try fixture.unpack(UnpackLimits(members: limit))
      #expect(report.members.count == got)
      #expect((report.cutShort?.contains("more than \(limit) members") ?? false) == isCut)
    }
  }

  /// What is not taken costs too: a million links are no way around the limit.
  @Test func rejectsAndFoldersCount() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        """
        tar = tarfile.open(path, "w:gz")
        add(tar, "good", b"x")
        for k in range(50): add(tar, f"l{k}", type=tarfile.SYMTYPE, linkname="x")
        for k in range(50): add(tar, f"d{k}", type=tarfile.DIRTYPE)
        add(tar, "late", b"x")
        tar.close()
        """)
      let report = try fixture.unpack(UnpackLimits(members: 80))
      #expect(report.members.map(\.path) == ["good"])
      #expect(report.cutShort?.contains("80 members") == true)
    }
  }

  @Test(arguments: [(Int64(10_000), 10, false), (9_999, 9, true), (4_500, 4, true)])
  func totalBytes(limit: Int64, got: Int, isCut: Bool) throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(Self.ten)
      let report = try fixture.unpack(UnpackLimits(totalBytes: limit))
      #expect(report.members.count == got)
      #expect((report.cutShort != nil) == isCut)
    }
  }

  /// One giant is left out; the others are had.
  @Test func memberBytes() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        """
        tar = tarfile.open(path, "w:gz")
        add(tar, "small", bits(1000, 1)); add(tar, "giant", bytes(5_000_000)); add(tar, "last", bits(1000, 2))
        tar.close()
        """)
      let report = try fixture.unpack(UnpackLimits(memberBytes: 1_000_000))
      #expect(report.members.map(\.path) == ["last", "small"])
      #expect(report.rejects.map(\.path) == ["giant"])
      #expect(report.rejects.first?.reason.contains("1000000 bytes") == true)
      #expect(report.cutShort == nil)
    }
  }

  @Test func aBombIsNotUnpacked() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        """
        tar = tarfile.open(path, "w:gz")
        add(tar, "small", b"x"); add(tar, "bomb", bytes(200_000_000))
        tar.close()
        """)
      let report = try fixture.unpack()
      #expect(report.members.map(\.path) == ["small"])
      #expect(report.cutShort?.contains("200 times its size") == true)
    }
  }

  /// A card that lost power leaves clips of zeros: in an archive of any size they are no bomb.
  @Test func zerosAmongOtherThingsAreNoBomb() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        """
        tar = tarfile.open(path, "w:gz", compresslevel=1)
        add(tar, "zeros", bytes(90_000_000)); add(tar, "film", bits(3_000_000, 1))
        tar.close()
        """)
      let report = try fixture.unpack(UnpackLimits(ratio: 40))
      #expect(report.members.map(\.path) == ["film", "zeros"] && report.cutShort == nil)
    }
  }

  @Test func aPathLimit() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge("tar = tarfile.open(path, 'w'); add(tar, 'x' * 20, b''); add(tar, 'y' * 21, b''); tar.close()")
      let report = try fixture.unpack(UnpackLimits(pathBytes: 20))
      #expect(report.members.count == 1 && report.rejects.count == 1)
    }
  }
}
