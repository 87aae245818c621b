internal import Pages
internal import WorkUnits

/// The ensemble beside its members.
struct ModelsSection {
  var report: FullReport

  var markup: Markup {
    let all = [report.stack] + report.members
    let plot = DotPlot(
      title: "Mean log loss of each model", scale: .logarithmic,
      rows: all.map { DotPlot.Row(name: $0.name, estimate: $0.logLoss, reference: report.priorLogLoss.value) })
    return .element(
      "section", [],
      [
        .element("h2", [], .text("Models")),
        .element("figure", [], plot.markup, DotPlot.legend("the model, with its interval", "answering the priors")),
        Cells.table(
          [
            "Model", "Mean log loss", "Less than the priors' by", "Mean average precision", "Mean ROC AUC",
            "Most probable class right", "Calibration error", "Blanks removed for 5\u{A0}% of animals",
          ], all.enumerated().map { row($1, isMain: $0 == 0 && all.count > 1) }),
        .element("p", [], .text(Self.howTheyAreJudged)),
      ])
  }

  /// Or one model would have two figures on the page, and nobody would know why.
  private static let howTheyAreJudged =
    "Models are judged by what they say themselves. The ensemble is judged after bounds and shrinking that were found on other "
    + "folds, and so is what the ensemble was chosen from."

  private func row(_ model: FullReport.Model, isMain: Bool) -> Markup {
    let none = "no class has clips of both kinds"
    let cut = model.blankFilter?.cuts.first { $0.lost == 5 }
    return Cells.row(
      model.name, isMain: isMain,
      [
        Cells.estimate(model.logLoss, Numbers.short), Cells.estimate(model.overPriors, Numbers.short),
        Cells.estimate(model.averagePrecision, Numbers.short, undefined: "no clip has a class"),
        Cells.estimate(model.rocAUC, Numbers.short, undefined: none),
        Cells.estimate(model.topClass, Numbers.percent), Cells.estimate(model.calibration.error, Numbers.short),
        Cells.estimate(cut?.removed, Numbers.percent, undefined: BlankSection.reason(model)),
      ])
  }
}
