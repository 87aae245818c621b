import Foundation
import TestSupport
import Testing
import Unpacking
import Vocabulary
import WorkUnits

/// Every archive of `Tests/Fixtures/hostile-archives.py`: nothing gets out, what is good is had, what is not is told.
struct HostileTableTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var name: String
    var file: String
    /// Digests by the hexadecimal digits of the paths.
    var good: [String: String]?
    /// Any of these; nil where nobody can foretell the content.
    var some: [String: String?]?
    /// Part of the path, part of the reason.
    var rejects: [[String]]
    var cut: String?
    var refused: String?
    var limits: Limits
    var rar: Bool
    /// Only the worker's limits on memory are in its way.
    var confined: Bool

    struct Limits: Decodable, Sendable {
      var members: Int?
      var totalBytes: Int64?
      var memberBytes: Int64?
    }

    var testDescription: String { name }
  }

  /// All archives lie in one folder that lives as long as the tests.
  private static let table = Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "primatrix-test-hostile-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    atexit { HostileTableTests.removeTable() }
    try Command.run("/usr/bin/python3", ["Tests/Fixtures/hostile-archives.py", folder.path], in: Checkout.root)
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: folder.appending(path: "table.json")))
    return (folder, cases)
  }

  private static func removeTable() {
    if let folder = try? table.get().0 { try? FileManager.default.removeItem(at: folder) }
  }

  @Test func thereAreManyOfThem() throws {
    let cases = try Self.table.get().1
    #expect(cases.count >= 500)
    #expect(Set(cases.map(\.name)).count == cases.count, "each has a name of its own")
  }

  /// In several tests, so that they run side by side.
  @Test(arguments: 0..<8) func eachIsHarmless(share: Int) throws {
    let (folder, cases) = try Self.table.get()
    for (index, hostile) in cases.enumerated() where index % 8 == share {
      try UnpackFixture.with { fixture in
        try FileManager.default.createSymbolicLink(
          at: fixture.archive, withDestinationURL: folder.appending(path: hostile.file))
        if hostile.confined { try checkConfined(hostile, fixture) } else { try check(hostile, fixture) }
      }
    }
  }

  private func check(_ hostile: Case, _ fixture: UnpackFixture) throws {
    var limits = UnpackLimits()
    limits.members = hostile.limits.members ?? limits.members
    limits.totalBytes = hostile.limits.totalBytes ?? limits.totalBytes
    limits.memberBytes = hostile.limits.memberBytes ?? limits.memberBytes
    let name = Comment(rawValue: hostile.name)
    do {
      let all = try fixture.unpack(limits, allowsRAR: hostile.rar)
      #expect(hostile.refused == nil, name)
      if let some = hostile.some { expect(all, amongst: some, name) } else { expect(all, as: hostile, name) }
    } catch let error as WorkError {
      #expect(error.kind == .input, name)
      #expect(
        hostile.refused.map { $0.isEmpty || error.message.contains($0) } ?? (hostile.some != nil),
        "\(hostile.name): \(error)")
    }
    for escaped in ["/tmp/primatrix-escaped", "/tmp/primatrix-d"] {
      #expect(!FileManager.default.fileExists(atPath: escaped), name)
    }
  }

  private func checkConfined(_ hostile: Case, _ fixture: UnpackFixture) throws {
    let worker = try WorkerRun(fixture.spec(), in: fixture)
    let status = worker.end()
    #expect(status == 65 && worker.failure?.kind == .input, "\(hostile.name): \(String(describing: status))")
  }

  private func expect(_ all: Unpacked, as hostile: Case, _ name: Comment) {
    let got = Dictionary(uniqueKeysWithValues: all.members.map { (Self.hex($0.path), $0.digest.hex) })
    #expect(got == hostile.good, name)
    #expect(all.rejects.count == hostile.rejects.count, "\(name): \(all.rejects)")
    for (reject, wanted) in zip(all.rejects, hostile.rejects) {
      let isTold = [reject.path.display, reject.reason].enumerated().allSatisfy { part in
        wanted[part.offset].isEmpty || part.element.contains(wanted[part.offset])
      }
      #expect(isTold, "\(name): \(reject)")
    }
    #expect((all.cutShort == nil) == (hostile.cut == nil), "\(name): \(all.cutShort ?? "")")
    if let cut = hostile.cut, !cut.isEmpty { #expect(all.cutShort?.contains(cut) == true, name) }
  }

  private func expect(_ all: Unpacked, amongst some: [String: String?], _ name: Comment) {
    for member in all.members {
      let wanted = some[Self.hex(member.path)]
      #expect(wanted != nil, "\(name): nobody put \(member.path) in")
      if case .some(.some(let digest)) = wanted { #expect(member.digest.hex == digest, name) }
    }
    for reject in all.rejects { #expect(!reject.reason.isEmpty, name) }
  }

  private static func hex(_ path: BytePath) -> String {
    path.bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}
