import Settings
import Testing

struct WorkerCountTests {
  private static let gib: Int64 = 1 << 30
  /// Files of the contest's four networks, and frames of 45 x 404 x 404 and 30 x 331 x 331.
  private static let four: [Int64] = [222 << 20, 157 << 20, 187 << 20, 323 << 20]
  private static let frames: Int64 = 45 * 404 * 404 * 3 + 30 * 331 * 331 * 3

  @Test(arguments: [
    (cores: 2, gib: 24, networks: [Int64](), count: 2), (cores: 64, gib: 256, networks: [], count: 64),
    (cores: 2, gib: 24, networks: four, count: 2), (cores: 64, gib: 256, networks: four, count: 62),
    (cores: 16, gib: 4, networks: four, count: 1), (cores: 8, gib: 1, networks: four, count: 1),
  ]) func whatTheMemoryHolds(_ machine: (cores: Int, gib: Int64, networks: [Int64], count: Int)) {
    let count = WorkerCount.fitting(
      cores: machine.cores, memory: machine.gib * Self.gib, networks: machine.networks, frames: Self.frames,
      features: machine.networks.isEmpty ? 64 * 30 * 124 : 64 * (45 * (3840 + 2944 + 3488) + 30 * 8064))
    #expect(count == machine.count)
  }

  /// A small network with many features: training takes more than extraction.
  @Test func trainingsHaveToFitToo() {
    let count = WorkerCount.fitting(
      cores: 64, memory: 64 * Self.gib, networks: [10 << 20], frames: 0, features: 64 * 45 * 20_000)
    #expect(count == 22)
  }
}
