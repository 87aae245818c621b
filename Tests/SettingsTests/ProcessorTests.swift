import Foundation
import Settings
import Testing

struct ProcessorTests {
  /// What the processor says itself is what the kernel lists, where that can be read.
  @Test func saysWhatTheKernelLists() throws {
    let text = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("flags") })
    let listed = Set(line.split { ": \t".contains($0) }.map(String.init))
    #expect(Processor.flags() == listed.intersection(Processor.known))
  }
}
