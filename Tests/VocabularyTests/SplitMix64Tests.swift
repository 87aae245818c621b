import Testing
import Vocabulary

@Suite struct SplitMix64Tests {
  /// The numbers of the authors' C code for this seed.
  @Test func numbersAreTheAlgorithms() {
    var random = SplitMix64(seed: 1_234_567)
    let numbers = (0..<5).map { _ in random.next() }
    #expect(
      numbers == [
        6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423, 4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
      ])
  }

  @Test(arguments: [1, 2, 5, 1000])
  func boundsAreKeptAndEveryNumberComes(_ bound: Int) {
    var random = SplitMix64(seed: 1)
    let numbers = (0..<bound * 100).map { _ in random.below(bound) }
    #expect(numbers.allSatisfy { (0..<bound).contains($0) })
    #expect(Set(numbers).count == bound)
    let mean = Double(numbers.reduce(0, +)) / Double(numbers.count)
    #expect(abs(mean - Double(bound - 1) / 2) < Double(bound) * 0.08)
  }

  @Test func shufflingMovesEverythingAnywhere() {
    var random = SplitMix64(seed: 1)
    var places = [[Int]](repeating: [], count: 8)
    for _ in 0..<400 {
      var elements = Array(0..<8)
      random.shuffle(&elements)
      #expect(elements.sorted() == Array(0..<8))
      for (place, element) in elements.enumerated() { places[element].append(place) }
    }
    #expect(places.allSatisfy { Set($0).count == 8 })
  }

  @Test func uniformNumbersFillTheUnitInterval() {
    var random = SplitMix64(seed: 1)
    let numbers = (0..<1000).map { _ in random.uniform() }
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(abs(numbers.reduce(0, +) / 1000 - 0.5) < 0.03 && (numbers.max() ?? 0) > 0.98 && (numbers.min() ?? 1) < 0.02)
  }
}
