internal import Pages
internal import WorkUnits

/// The ensemble's classes, the most frequent first.
struct ClassesSection {
  var model: FullReport.Model
  var clips: Int

  private var classes: [FullReport.ClassScore] {
    model.classes.enumerated().sorted { ($1.element.positives, $0.offset) < ($0.element.positives, $1.offset) }
      .map(\.element)
  }

  var markup: Markup {
    let losses = DotPlot(
      title: "Log loss of each class", scale: .logarithmic,
      rows: classes.map { DotPlot.Row(name: $0.name, estimate: $0.logLoss, reference: $0.priorLogLoss) })
    let precision = DotPlot(
      title: "Average precision of each class", scale: .share,
      rows: classes.map {
        DotPlot.Row(name: $0.name, estimate: $0.averagePrecision, reference: share($0), undefined: Self.noClip)
      })
    return .element(
      "section", [],
      [
        .element("h2", [], .text("Classes")),
        .element(
          "div", [.init("class", "plots")],
          [
            .element(
              "div", [], .element("h3", [], .text("Log loss")), losses.markup,
              DotPlot.legend("the ensemble", "answering the prior")),
            .element(
              "div", [], .element("h3", [], .text("Average precision")), precision.markup,
              DotPlot.legend("the ensemble", "ranking by chance")),
          ]),
        Cells.table(
          [
            "Class", "Clips with it", "Log loss", "Prior's log loss", "Average precision", "ROC AUC",
            "Calibration error", "Found as most probable",
          ], classes.map(row)),
      ])
  }

  private static let noClip = "no clip has it"

  /// Average precision of a ranking by chance: the class's share. Not drawn where precision is not defined.
  private func share(_ score: FullReport.ClassScore) -> Double? {
    score.positives > 0 ? Double(score.positives) / Double(clips) : nil
  }

  private func row(_ score: FullReport.ClassScore) -> Markup {
    Cells.row(
      score.name,
      [
        Cells.plain(Numbers.count(score.positives)), Cells.estimate(score.logLoss, Numbers.short),
        Cells.plain(Numbers.short(score.priorLogLoss)),
        Cells.estimate(score.averagePrecision, Numbers.short, undefined: Self.noClip),
        Cells.estimate(
          score.rocAUC, Numbers.short, undefined: score.positives == 0 ? Self.noClip : "every clip has it"),
        Cells.estimate(score.calibration.error, Numbers.short),
        Cells.estimate(score.topClass, Numbers.percent, undefined: Self.noClip),
      ])
  }
}
