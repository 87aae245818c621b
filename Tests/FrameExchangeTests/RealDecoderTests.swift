import Foundation
import FrameExchange
import TestSupport
import Testing
import Vocabulary

/// The decoder that is installed, seen from outside as it waits for a clip. What its confinement is worth is for
/// `ConfinementTests`; here is seen that it has it.
@Suite struct RealDecoderTests {
  @Test func itIsConfinedAndHoldsNothingElse() throws {
    let worker = BytePath(Checkout.products.appending(path: "primatrix-worker").path)
    let process = try DecoderProcess(
      executable: worker, layout: FrameLayout(of: [Sampling(rateNumerator: 1, frames: 2, side: 4)]))
    let folder = "/proc/\(process.pid)"
    let status = try lines("\(folder)/status", separator: ":")
    #expect(status["Seccomp"] == "2" && status["NoNewPrivs"] == "1" && status["Threads"] == "1", "\(status)")
    #expect(process.version.hasPrefix("FFmpeg "))

    let held = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/fd").compactMap(Int.init).sorted()
    let kinds = try held.map { number in
      let target = try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/fd/\(number)")
      return target.hasPrefix("socket:") ? "socket" : target.hasPrefix("/memfd:") ? "memory" : target
    }
    #expect(held == [0, 1, 2, 3, 4], "\(kinds)")
    // What stands at 2 is where this test's own errors go.
    #expect(
      Array(kinds.prefix(2)) == ["/dev/null", "/dev/null"] && kinds.suffix(2) == ["socket", "memory"], "\(kinds)")

    let limits = try String(contentsOfFile: "\(folder)/limits", encoding: .utf8)
    for (name, most) in [("Max file size", "0"), ("Max core file size", "0"), ("Max open files", "16")] {
      let line = limits.split(separator: "\n").first { $0.hasPrefix(name) } ?? ""
      #expect(line.dropFirst(name.count).split(separator: " ").first == most[...], "\(line)")
    }
    let space = limits.split(separator: "\n").first { $0.hasPrefix("Max address space") } ?? ""
    let bytes = try #require(space.split(separator: " ").dropFirst(3).first.flatMap { Int($0) })
    #expect(bytes >= 1 << 30 && bytes < 1 << 30 + 1 << 20)
  }

  private func lines(_ path: String, separator: Character) throws -> [String: String] {
    let pairs = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map { line in
      let parts = line.split(separator: separator, maxSplits: 1)
      return (String(parts[0]), parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : "")
    }
    return Dictionary(pairs) { first, _ in first }
  }
}
