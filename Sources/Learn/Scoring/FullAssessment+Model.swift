package import WorkUnits

extension FullAssessment {
  /// What is known of one class on the way to a model's means.
  private struct ClassResult {
    var score: FullReport.ClassScore
    /// Of each resample.
    var losses: [Double]
    var ranks: RankScores
    var blank: FullReport.BlankFilter?
  }

  package func judge(_ answers: Answers) -> FullReport.Model {
    precondition(
      answers.columns.count == classes.count && answers.columns[0].count == clips, "one answer for each truth")
    let top = TopClass(answers.columns, truth)
    let all = classes.indices.map { judge($0, answers, top) }
    var bins = Bins.Sums()
    var gaps = [[Double]](repeating: Array(repeating: 0, count: Resamples.drawn + 1), count: Bins.count)
    for (index, result) in all.enumerated() {
      bins.add(answers.columns[index], truth[index])
      for bin in gaps.indices {
        for resample in gaps[bin].indices { gaps[bin][resample] += result.ranks.gaps[bin][resample] }
      }
    }
    let losses = means(all.map(\.losses))
    let loss = Self.mean(all.map(\.score.logLoss.value))
    let gains = zip(priorLosses, losses).map { $0 - $1 }
    return FullReport.Model(
      name: answers.name, logLoss: estimate(loss, losses), overPriors: estimate(Self.mean(priorLoss) - loss, gains),
      averagePrecision: mean(all.map(\.ranks.averagePrecision)), rocAUC: mean(all.map(\.ranks.area)),
      topClass: top.share(resamples), calibration: bins.calibration(gaps: gaps, clips: clips),
      classes: all.map(\.score), confusion: top.confusion, blankFilter: all.compactMap(\.blank).first)
  }

  private func judge(_ index: Int, _ answers: Answers, _ top: TopClass) -> ClassResult {
    let (values, truth) = (answers.columns[index], truth[index])
    let positives = truth.count { $0 }
    let ranking = Ranking(values)
    let ranks = RankScores(values, truth, ranking, resamples)
    let losses = resamples.sums(Self.losses(values, truth)).map { $0 / Double(clips) }
    var bins = Bins.Sums()
    bins.add(values, truth)
    func rank(_ values: [Double]) -> FullReport.Estimate? {
      values[0].isNaN
        ? nil : FullReport.Estimate(values[0], Percentiles.interval(values, clips: min(positives, clips - positives)))
    }
    let score = FullReport.ClassScore(
      name: classes[index], positives: positives, logLoss: estimate(LogLoss.mean(values, truth), losses),
      priorLogLoss: priorLoss[index], averagePrecision: rank(ranks.averagePrecision), rocAUC: rank(ranks.area),
      calibration: bins.calibration(gaps: ranks.gaps, clips: clips), topClass: top.share(of: index, resamples))
    let blank =
      classes[index] == BlankFilterScore.className ? BlankFilterScore.find(truth, ranking, resamples) : nil
    return ClassResult(score: score, losses: losses, ranks: ranks, blank: blank)
  }

  /// The earlier run on the clips that both have; nil where there is none.
  func compare(_ stack: Answers, _ previous: Previous) throws(Answers.Problem) -> FullReport.Comparison? {
    precondition(previous.predictions.count == clips, "one row for each clip")
    let common = previous.predictions.indices.filter { previous.predictions[$0] != nil }
    if common.isEmpty { return nil }
    let theirs = try Answers(
      name: previous.name, rows: common.compactMap { previous.predictions[$0] }, classes: classes.count)
    var (own, other) = ([Double](repeating: 0, count: common.count), [Double](repeating: 0, count: common.count))
    for index in classes.indices {
      for (place, clip) in common.enumerated() {
        own[place] += LogLoss.of(stack.columns[index][clip], truth[index][clip]) / Double(classes.count)
        other[place] += LogLoss.of(theirs.columns[index][place], truth[index][clip]) / Double(classes.count)
      }
    }
    let gains = resamples.sums(zip(other, own).map { Float($0 - $1) }, of: common)
    let drawn = resamples.sums(Array(repeating: 1, count: common.count), of: common)
    let (ownLoss, otherLoss) = (Self.mean(own), Self.mean(other))
    return FullReport.Comparison(
      name: previous.name, clips: common.count, logLoss: ownLoss, previousLogLoss: otherLoss,
      gain: FullReport.Estimate(
        otherLoss - ownLoss,
        Percentiles.interval(zip(gains, drawn).map { $1 > 0 ? $0 / $1 : .nan }, clips: common.count)))
  }

  private func estimate(_ value: Double, _ resampled: [Double]) -> FullReport.Estimate {
    FullReport.Estimate(value, Percentiles.interval(resampled, clips: clips))
  }

  /// Of each resample, the mean over the classes that have a value there; NaN where none has.
  private func means(_ classes: [[Double]]) -> [Double] {
    (0...Resamples.drawn).map { resample in
      let values = classes.map { $0[resample] }.filter { !$0.isNaN }
      return values.isEmpty ? .nan : Self.mean(values)
    }
  }

  /// The mean over the classes for which a score is defined.
  private func mean(_ classes: [[Double]]) -> FullReport.Estimate? {
    let means = means(classes.filter { !$0[0].isNaN })
    return means[0].isNaN ? nil : estimate(means[0], means)
  }
}
