internal import Foundation
package import Vocabulary

/// This machine's processor.
package enum Processor {
  /// What `/proc/cpuinfo` lists for the first one.
  package static func flags() -> Set<String> {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
    else { return [] }
    return Set(line.split(separator: ":").last.map { $0.split(separator: " ").map(String.init) } ?? [])
  }
}

extension FeatureSettings {
  /// `precision = "auto"` is bfloat16 where the processor computes in it, float32 elsewhere.
  package func precision(flags: Set<String>) -> Precision {
    precision ?? (flags.contains("avx512_bf16") ? .bfloat16 : .float32)
  }
}
