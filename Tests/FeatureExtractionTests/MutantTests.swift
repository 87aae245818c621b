import Foundation
import TestSupport
import Testing

/// A few of the damaged clips that `scripts/test-mutants` makes by the ten thousand.
struct MutantTests {
  @Test func damagedClipsHaveAnOutcomeAndNothingElse() throws {
    // So many seconds, because the other tests may have the processor.
    let words = try Command.run(
      Checkout.root.appending(path: "scripts/test-mutants").path,
      [
        "--count", "31", "--first", "100000", "--seconds", "120", "--worker",
        Checkout.products.appending(path: "primatrix-worker").path,
      ])
    #expect(String(decoding: words, as: UTF8.self).contains("; 0 faults"))
  }
}
