internal import WorkUnits

/// How far training is, in rows of all epochs that it may take: it may end before.
struct Pace {
  private let plain: Int
  private let mixed: Int
  private let recipe: Recipe
  private let mixedEpochs: Int
  private var before = 0
  private var epoch = WorkProgress.Epoch(number: 0, total: 0)
  private var size = 0
  private var reported = 0

  init(_ recipe: Recipe, _ rows: Trainer.Rows) {
    self.recipe = recipe
    plain = rows.training.count
    let pseudoLabels = rows.pseudoLabels(recipe)
    mixedEpochs = pseudoLabels == 0 ? 0 : recipe.pseudoLabelEpochs
    mixed = plain + pseudoLabels
  }

  private var total: Int { plain * recipe.epochs + mixed * mixedEpochs }

  mutating func begin(_ course: Course, _ step: Course.Step) {
    let done = course.epochs.count
    let isPlain = step == .plain
    let mixedDone = course.epochs.count { $0.pseudoLabels > 0 }
    // Plain epochs that were not needed count as done.
    before = isPlain ? done * plain : recipe.epochs * plain + mixedDone * mixed
    size = isPlain ? plain : mixed
    reported = 0
    let spared = isPlain ? 0 : recipe.epochs - (done - mixedDone)
    epoch = .init(number: done + 1, total: recipe.epochs + mixedEpochs - spared, loss: epoch.loss)
    if let last = course.epochs.last { epoch.loss = last.validationLoss ?? last.trainingLoss }
  }

  /// Nil between the twentieths of an epoch: nobody reads faster.
  mutating func progress(_ done: Int) -> WorkProgress? {
    guard done - reported >= max(size / 20, 1), done < size else { return nil }
    reported = done
    return WorkProgress(done: before + done, total: total, epoch: epoch)
  }

  mutating func ended(_ latest: TrainMetrics.Epoch) -> WorkProgress {
    epoch.loss = latest.validationLoss ?? latest.trainingLoss
    return WorkProgress(done: before + size, total: total, epoch: epoch)
  }
}
