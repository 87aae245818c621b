import Foundation
import Testing
import Vocabulary

@Suite struct DigestTests {
  @Test func knownVector() {
    #expect(
      Digest(of: Data("abc".utf8)).hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }

  @Test(arguments: ["", "ab", String(repeating: "g", count: 64), String(repeating: "0", count: 63)])
  func refusesWhatIsNoDigest(_ hex: String) {
    #expect(Digest(hex: hex) == nil)
  }

  @Test func codingIsHex() throws {
    let digest = Digest(of: Data())
    let data = try CanonicalJSON.encode([digest])
    #expect(String(decoding: data, as: UTF8.self) == "[\"\(digest.hex)\"]")
    #expect(try CanonicalJSON.decode([Digest].self, from: data) == [digest])
  }
}

@Suite struct HashMidstateTests {
  /// Cut anywhere, also inside a block of 64 bytes, and carried over as JSON: the digest is the same.
  @Test(arguments: [0, 1, 63, 64, 65, 1000, 4095, 4096]) func aHashGoesOnFromItsMidstate(cut: Int) throws {
    let bytes = (0..<4096).map { UInt8(truncatingIfNeeded: $0 * 31 >> 3) }
    var first = Hasher256()
    bytes[..<cut].withUnsafeBytes { first.update($0) }
    let state = try CanonicalJSON.decode(HashMidstate.self, from: CanonicalJSON.encode(first.midstate))
    #expect(state.bytes == cut)
    guard var second = Hasher256(state) else {
      Issue.record("the state is refused")
      return
    }
    bytes[cut...].withUnsafeBytes { second.update($0) }
    #expect(second.finish() == Digest(of: Data(bytes)))
  }

  @Test(arguments: [
    #"{"bytes":64,"rest":[1],"words":[1,2,3,4,5,6,7,8]}"#, #"{"bytes":0,"rest":[],"words":[1,2,3]}"#,
    #"{"bytes":-64,"rest":[],"words":[1,2,3,4,5,6,7,8]}"#,
  ]) func refusesWhatIsNoState(_ json: String) throws {
    let isRefused = Hasher256(try CanonicalJSON.decode(HashMidstate.self, from: Data(json.utf8))) == nil
    #expect(isRefused)
  }
}

@Suite struct BytePathTests {
  struct Case: Sendable {
    var path: String
    var parent: String
    var last: String
  }

  @Test(arguments: [
    Case(path: "a/b", parent: "a", last: "b"), Case(path: "/a", parent: "/", last: "a"),
    Case(path: "a", parent: "", last: "a"), Case(path: "/a/ï b/c", parent: "/a/ï b", last: "c"),
  ])
  func parts(_ row: Case) {
    let path = BytePath(row.path)
    #expect(path.deletingLastComponent == BytePath(row.parent))
    #expect(path.lastComponent == BytePath(row.last))
    #expect(BytePath(row.parent).appending(row.last) == path)
  }

  @Test func bytesSurviveJSON() throws {
    for path in [BytePath(bytes: [0x54, 0x61, 0xEF, 0x2F, 0x31]), BytePath("Taï/1 2.AVI")] {
      #expect(try CanonicalJSON.decode(BytePath.self, from: CanonicalJSON.encode(path)) == path)
    }
  }
}
