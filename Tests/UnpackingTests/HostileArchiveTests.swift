import Foundation
import TestSupport
import Testing
import Unpacking
import Vocabulary
import WorkUnits

/// Archives that want more than they may. `good.mp4` stands first and last in each, and is always had.
struct HostileArchiveTests {
  struct Attack: CustomTestStringConvertible, Sendable {
    var name: String
    /// Adds members to `tar`, or to `zip`.
    var program: String
    /// Name and reason.
    var rejects: [(String, String)]
    var extra: [String: [UInt8]] = [:]
    var testDescription: String { name }
  }

  static let tars: [Attack] = [
    Attack(
      name: "leads out", program: "add(tar, '../escaped', b'x'); add(tar, 'a/../../../escaped', b'x')",
      rejects: [("../escaped", ".."), ("a/../../../escaped", "..")]),
    Attack(
      name: "absolute", program: "add(tar, '/tmp/primatrix-escaped', b'x')",
      rejects: [("/tmp/primatrix-escaped", "root")]),
    Attack(
      name: "a link, then a file through it",
      program: "add(tar, 'out', type=tarfile.SYMTYPE, linkname='../../..'); add(tar, 'out/escaped', b'x')",
      rejects: [("out", "link")], extra: ["out/escaped": Array("x".utf8)]),
    Attack(
      name: "links outside",
      program:
        "add(tar, 'h', type=tarfile.LNKTYPE, linkname='../../neighbour'); add(tar, 'h2', type=tarfile.LNKTYPE, linkname='/etc/passwd')",
      rejects: [("h", "link"), ("h2", "link")]),
    Attack(
      name: "devices",
      program:
        "add(tar, 'null', type=tarfile.CHRTYPE, devmajor=1, devminor=3); add(tar, 'sda', type=tarfile.BLKTYPE, devmajor=8); add(tar, 'pipe', type=tarfile.FIFOTYPE)",
      rejects: [("null", "no regular file"), ("sda", "no regular file"), ("pipe", "no regular file")]),
    Attack(
      name: "the same name again", program: "add(tar, 'twice', b'first'); add(tar, 'twice', b'second')",
      rejects: [("twice", "already")], extra: ["twice": Array("first".utf8)]),
    Attack(
      name: "a file as a folder",
      program: "add(tar, 'f', b'x'); add(tar, 'f/g', b'y'); add(tar, 'd/e', b'z'); add(tar, 'd', b'w')",
      rejects: [("f/g", "folder"), ("d", "already")], extra: ["f": Array("x".utf8), "d/e": Array("z".utf8)]),
    Attack(
      name: "names too long", program: "add(tar, 'x' * 300, b'x'); add(tar, 'y/' * 600 + 'z', b'x')",
      rejects: [(String(repeating: "x", count: 300), "255"), (String(repeating: "y/", count: 600) + "z", "1024")]),
    Attack(
      name: "setuid", program: "add(tar, 'suid', b'x', mode=0o6777)", rejects: [], extra: ["suid": Array("x".utf8)]),
    Attack(
      name: "times that nobody can count",
      program: "add(tar, 'far', b'x', mtime=2**62); add(tar, 'past', b'x', mtime=-1.5)", rejects: [],
      extra: ["far": Array("x".utf8), "past": Array("x".utf8)]),
    Attack(
      name: "folders that lead out",
      program: "add(tar, '../d', type=tarfile.DIRTYPE); add(tar, '/tmp/primatrix-d', type=tarfile.DIRTYPE)", rejects: []
    ),
    Attack(
      name: "a folder nobody may enter",
      program: "add(tar, 'shut', type=tarfile.DIRTYPE, mode=0); add(tar, 'shut/x', b'x')", rejects: [],
      extra: ["shut/x": Array("x".utf8)]),
    Attack(
      name: "a root folder", program: "add(tar, './', type=tarfile.DIRTYPE); add(tar, '.', b'x')",
      rejects: [(".", "no name")]),
  ]

  @Test(arguments: tars, ["GNU_FORMAT", "PAX_FORMAT"]) func tar(attack: Attack, format: String) throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        """
        tar = tarfile.open(path, "w:gz", format=tarfile.\(format))
        add(tar, "good.mp4", b"good")
        \(attack.program)
        add(tar, "last/good.mp4", b"last")
        tar.close()
        """)
      try check(attack, fixture)
    }
  }

  @Test func timesAreThoseOfTheArchiveAsFarAsTheyCanBeCounted() throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        """
        tar = tarfile.open(path, "w", format=tarfile.PAX_FORMAT)
        for name, time in (("a", 2**62), ("b", -2**62), ("c", -1.5), ("d", 0), ("e", 1453593600.25)): add(tar, name, mtime=time)
        tar.close()
        """)
      let report = try fixture.unpack()
      // libarchive reads -1.5 as -1 and 0.5 more.
      #expect(report.members.map(\.modified) == [.max, .min, -500_000_000, 0, 1_453_593_600_250_000_000])
      let files = fixture.clips
      for member in report.members.dropFirst(2) {
        #expect(UnpackFixture.modified(files.appending(path: member.path.display)) == member.modified)
      }
    }
  }

  static let zips: [Attack] = [
    Attack(
      name: "leads out", program: "zip.writestr('../escaped', 'x'); zip.writestr('a/..\\\\..\\\\escaped', 'x')",
      rejects: [("../escaped", ".."), ("a/..\\..\\escaped", "..")]),
    Attack(
      name: "absolute", program: "zip.writestr('/tmp/primatrix-escaped', 'x'); zip.writestr('C:\\\\x', 'x')",
      rejects: [("/tmp/primatrix-escaped", "root"), ("C:/x", "drive")]),
    Attack(
      name: "a link, then a file through it",
      program: """
        link = zipfile.ZipInfo('out'); link.create_system = 3; link.external_attr = 0o120777 << 16
        zip.writestr(link, '../../..'); zip.writestr('out/escaped', 'x')
        """,
      rejects: [("out", "link")], extra: ["out/escaped": Array("x".utf8)]),
    Attack(
      // libarchive takes what a zip file says of types for folders and links only.
      name: "a pipe",
      program:
        "pipe = zipfile.ZipInfo('pipe'); pipe.create_system = 3; pipe.external_attr = 0o010644 << 16; zip.writestr(pipe, '')",
      rejects: [], extra: ["pipe": []]),
    Attack(
      name: "backslashes are folders", program: "zip.writestr('b\\\\c.mp4', 'x')", rejects: [],
      extra: ["b/c.mp4": Array("x".utf8)]),
    Attack(
      name: "the same name again",
      program:
        "import warnings; warnings.simplefilter('ignore'); zip.writestr('twice', 'first'); zip.writestr('twice', 'second')",
      rejects: [("twice", "already")], extra: ["twice": Array("first".utf8)]),
    Attack(
      name: "encrypted",
      program: "hidden = zipfile.ZipInfo('hidden'); zip.writestr(hidden, 'secret'); encrypted.append(hidden)",
      rejects: [("hidden", "encrypted")]),
  ]

  @Test(arguments: zips) func zip(attack: Attack) throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        """
        encrypted = []
        zip = zipfile.ZipFile(path, "w")
        zip.writestr("good.mp4", "good")
        \(attack.program)
        zip.writestr("last/good.mp4", "last")
        zip.close()
        data = bytearray(open(path, "rb").read())
        for info in encrypted:
            data[info.header_offset + 6] |= 1
            at = data.index(b"PK\\1\\2", data.index(b"PK\\1\\2" ))
            while data[at + 46 : at + 46 + len(info.filename)] != info.filename.encode(): at = data.index(b"PK\\1\\2", at + 1)
            data[at + 8] |= 1
        open(path, "wb").write(data)
        """)
      try check(attack, fixture)
    }
  }

  private func check(_ attack: Attack, _ fixture: UnpackFixture) throws {
    let report = try fixture.unpack()
    var contents = attack.extra
    contents["good.mp4"] = Array("good".utf8)
    contents["last/good.mp4"] = Array("last".utf8)
    fixture.expect(report, holds: contents)
    #expect(report.cutShort == nil)
    #expect(report.rejects.map(\.path.display) == attack.rejects.map(\.0))
    for (reject, wanted) in Swift.zip(report.rejects, attack.rejects) {
      #expect(reject.reason.contains(wanted.1), "\(reject)")
    }
    for name in ["/tmp/primatrix-escaped", "/tmp/primatrix-d"] {
      #expect(!FileManager.default.fileExists(atPath: name))
    }
    for member in report.members {
      var status = stat()
      _ = BytePath(fixture.clips.path).appending(member.path).withCString { lstat($0, &status) }
      #expect(status.st_mode & 0o7111 == 0, "no member can be run")
    }
  }

  @Test(arguments: ["GNU_FORMAT", "PAX_FORMAT", "USTAR_FORMAT"]) func namesThatAreNotUTF8AreKept(format: String) throws
  {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        """
        tar = tarfile.open(path, "w", format=tarfile.\(format), encoding="latin-1")
        add(tar, "Ta\\u00ef/x.avi", b"x")
        tar.close()
        """)
      let report = try fixture.unpack()
      // pax says that its names are UTF-8, and Python writes them so.
      let wanted =
        format == "PAX_FORMAT" ? BytePath("Taï/x.avi") : BytePath(bytes: [0x54, 0x61, 0xEF] + Array("/x.avi".utf8))
      #expect(report.members.map(\.path) == [wanted])
    }
  }

  /// Old Windows programs write the machine's code page. One that promises UTF-8 and lies has no name that can be had.
  @Test(arguments: [false, true]) func zipNamesThatAreNotUTF8(isPromised: Bool) throws {
    try UnpackFixture.with { fixture in
      try fixture.forge(
        """
        zip = zipfile.ZipFile(path, "w")
        zip.writestr("TaX_clip.avi", "x")
        zip.close()
        data = open(path, "rb").read().replace(b"TaX_clip", b"Ta\\xef_clip")
        data = bytearray(data)
        for at, field in ((0, 6), (data.index(b"PK\\1\\2"), 8)):
            data[at + field : at + field + 2] = struct.pack("<H", \(isPromised ? 0x800 : 0))
        open(path, "wb").write(data)
        """)
      errno = ENOMEM  // Left by somebody else: libarchive takes it for its own.
      let report = try fixture.unpack()
      if isPromised {
        #expect(report.members.isEmpty && report.rejects.first?.reason.contains("UTF-8") == true, "\(report)")
      } else {
        #expect(report.members.map(\.path) == [BytePath(bytes: [0x54, 0x61, 0xEF] + Array("_clip.avi".utf8))])
      }
    }
  }
}
