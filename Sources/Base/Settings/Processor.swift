internal import CLinux
package import Vocabulary

/// This machine's processor.
package enum Processor {
  /// The vector extensions that anything here depends on, by their names in `/proc/cpuinfo`.
  package static let known = ["avx2", "fma", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512_bf16"]

  /// Those of `known` that this one has.
  package static func flags() -> Set<String> { Set(known.filter { clinux_has_vectors($0) == 1 }) }
}

extension FeatureSettings {
  /// `precision = "auto"` is bfloat16 where the processor computes in it, float32 elsewhere.
  package func precision(flags: Set<String>) -> Precision {
    precision ?? (flags.contains("avx512_bf16") ? .bfloat16 : .float32)
  }
}
