import CArchive
import Foundation
import TestSupport
import Testing
import Unpacking
import Vocabulary
import WorkUnits

struct GoodArchiveTests {
  /// A format and its filter, as libarchive writes them.
  struct Format: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var format: Int32
    var filter: Int32
    /// Zip keeps seconds only.
    var hasNanoseconds: Bool
  }

  private static func tar(_ name: String, _ filter: Int32) -> Format {
    Format(testDescription: name, format: ARCHIVE_FORMAT_TAR_PAX_INTERCHANGE, filter: filter, hasNanoseconds: true)
  }

  static let formats = [
    tar("tar", ARCHIVE_FILTER_NONE), tar("tar.gz", ARCHIVE_FILTER_GZIP), tar("tar.bz2", ARCHIVE_FILTER_BZIP2),
    tar("tar.xz", ARCHIVE_FILTER_XZ), tar("tar.zst", ARCHIVE_FILTER_ZSTD),
    Format(testDescription: "zip", format: ARCHIVE_FORMAT_ZIP, filter: ARCHIVE_FILTER_NONE, hasNanoseconds: false),
    Format(testDescription: "7z", format: ARCHIVE_FORMAT_7ZIP, filter: ARCHIVE_FILTER_NONE, hasNanoseconds: false),
  ]

  private static let members: [(name: String, content: [UInt8], modified: Int64)] = {
    var generator = SplitMix64(seed: 5)
    let noise = (0..<3_000_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    return [
      ("raw/a.mp4", noise, 1_453_593_600_123_456_789),
      ("raw/Taï/x y.AVI", Array(noise.prefix(1)), 1_453_593_601_000_000_001),
      ("raw/empty.mov", [], 1_453_593_602_000_000_000),
      ("zeros.bin", [UInt8](repeating: 0, count: 1_000_000), 1_600_000_000_500_000_000),
    ]
  }()

  @Test(arguments: formats) func membersAndTimesComeOutAsTheyWentIn(format: Format) throws {
    try UnpackFixture.with { fixture in
      try write(format, to: fixture.archive)
      let report = try fixture.unpack()
      #expect(report.rejects.isEmpty && report.cutShort == nil)
      fixture.expect(report, holds: Dictionary(uniqueKeysWithValues: Self.members.map { ($0.name, $0.content) }))
      for member in Self.members {
        let found = try #require(report.members.first { $0.path == BytePath(member.name) })
        #expect(found.bytes == Int64(member.content.count))
        let file = fixture.clips.appending(path: member.name)
        #expect(UnpackFixture.modified(file) == found.modified)
        let precision: Int64 = format.hasNanoseconds ? 1 : 1_000_000_000
        #expect(found.modified / precision == member.modified / precision, "\(member.name)")
      }
    }
  }

  /// The report of the same archive is the same bytes.
  @Test func theReportIsSortedAndRepeatable() throws {
    var reports: [Data] = []
    for _ in 1...2 {
      try UnpackFixture.with { fixture in
        try write(Self.formats[5], to: fixture.archive)
        try fixture.unpack()
        let data = try Data(contentsOf: fixture.reports.appending(path: UnpackSpec.reportName(1)))
        let report = try CanonicalJSON.decode(UnpackReport.self, from: data)
        #expect(report.members.map(\.path) == report.members.map(\.path).sorted())
        reports.append(data)
      }
    }
    #expect(reports[0] == reports[1])
  }

  private func write(_ format: Format, to path: URL) throws {
    let archive = try #require(archive_write_new())
    defer { archive_write_free(archive) }
    #expect(archive_write_set_format(archive, format.format) == ARCHIVE_OK)
    if format.filter != ARCHIVE_FILTER_NONE { #expect(archive_write_add_filter(archive, format.filter) == ARCHIVE_OK) }
    setlocale(LC_CTYPE, "C.UTF-8")
    try #require(archive_write_open_filename(archive, path.path) == ARCHIVE_OK)
    for member in Self.members {
      let entry = try #require(archive_entry_new())
      defer { archive_entry_free(entry) }
      archive_entry_set_pathname(entry, member.name)
      archive_entry_set_filetype(entry, 0o100000)
      archive_entry_set_perm(entry, 0o444)
      archive_entry_set_size(entry, Int64(member.content.count))
      archive_entry_set_mtime(entry, Int(member.modified / 1_000_000_000), Int(member.modified % 1_000_000_000))
      try #require(archive_write_header(archive, entry) == ARCHIVE_OK)
      let count = member.content.withUnsafeBytes { archive_write_data(archive, $0.baseAddress, $0.count) }
      try #require(count == member.content.count)
    }
    try #require(archive_write_close(archive) == ARCHIVE_OK)
  }
}
