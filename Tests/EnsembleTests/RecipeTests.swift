import Ensemble
import Testing
import WorkUnits

@Suite struct RecipeTests {
  @Test(arguments: [(0, 16), (5, 16), (64, 16), (80, 20), (255, 63), (256, 64), (200_000, 64)])
  func aBatchIsAQuarterOfFewClips(_ clips: Int, _ batch: Int) {
    #expect(Recipe(clips: clips, settings: TrainSettings()).batch == batch)
    let one = MemberModel.Batches(plain: 1, labelled: 1, unlabelled: 0)
    #expect(Recipe(clips: clips, batches: one, settings: TrainSettings()).batch == 1)
  }

  @Test(arguments: [0, 1, 7, 8, 9, 16, 17, 65, 1000])
  func batchesHoldEveryRowOnce(_ count: Int) {
    let rows = Array(0..<count)
    let recipe = Recipe(clips: count, settings: TrainSettings())
    let batches = recipe.batches(rows)
    #expect(batches.flatMap { $0 } == rows)
    let sizes = batches.map(\.count)
    #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1 && (sizes.max() ?? 0) <= recipe.batch)
  }

  struct Case: Sendable {
    var batches: MemberModel.Batches
    var clips: Int
    /// Of a batch.
    var labelled: Int
    var unlabelled: Int
    /// Of an epoch.
    var pseudoLabels: Int
  }

  /// The reference's parts of a batch, and as many unlabelled clips as the epoch's batches have room for.
  @Test(arguments: [
    Case(batches: .usual, clips: 163_304, labelled: 44, unlabelled: 20, pseudoLabels: 74_240),
    Case(
      batches: .init(plain: 48, labelled: 36, unlabelled: 12), clips: 163_304, labelled: 36, unlabelled: 12,
      pseudoLabels: 54_444),
    Case(
      batches: .init(plain: 48, labelled: 32, unlabelled: 16), clips: 163_304, labelled: 32, unlabelled: 16,
      pseudoLabels: 81_664),
    Case(batches: .usual, clips: 100, labelled: 17, unlabelled: 8, pseudoLabels: 48),
    Case(batches: .usual, clips: 1, labelled: 11, unlabelled: 5, pseudoLabels: 5),
    Case(batches: .init(plain: 1, labelled: 1, unlabelled: 0), clips: 9, labelled: 1, unlabelled: 0, pseudoLabels: 0),
  ])
  func unlabelledClipsFillTheBatches(_ example: Case) {
    let recipe = Recipe(clips: example.clips, batches: example.batches, settings: TrainSettings())
    #expect(recipe.labelled == example.labelled && recipe.unlabelled == example.unlabelled)
    #expect(recipe.pseudoLabels(labelled: example.clips) == example.pseudoLabels)
  }

  /// However few clips have no label, each takes part once an epoch, and the batches are alike.
  @Test(arguments: [0, 1, 2, 19, 20]) func fewUnlabelledClipsAreSpread(_ count: Int) {
    let recipe = Recipe(clips: 200, settings: TrainSettings())
    let batches = recipe.batches(labelled: Array(0..<200), unlabelled: Array(1000..<1000 + count))
    #expect(batches.flatMap { $0 }.sorted() == Array(0..<200) + Array(1000..<1000 + count))
    let parts = batches.map { $0.count { $0 >= 1000 } }
    #expect((parts.max() ?? 0) - (parts.min() ?? 0) <= 1)
  }
}
