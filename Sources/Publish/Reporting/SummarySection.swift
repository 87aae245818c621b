internal import Pages
internal import WorkUnits

/// The numbers that one looks for first.
struct SummarySection {
  var report: FullReport
  var run: String
  var remarks: [String]

  var markup: Markup {
    .element(
      "header", [],
      [
        .element("h1", [], .text("Scoring report")),
        .element(
          "p", [.init("class", "muted")],
          .text(
            "Run \(run): \(Numbers.count(report.clips)) labelled clips, \(report.stack.classes.count) classes, "
              + "\(report.members.count) models. Every clip is judged by models that did not train on it.")),
        .element("div", [.init("class", "tiles")], tiles), comparison, remarkList,
      ])
  }

  private var tiles: [Markup] {
    let model = report.stack
    let removed = report.priorLogLoss.value > 0 ? 1 - model.logLoss.value / report.priorLogLoss.value : 0
    var tiles = [
      tile("Mean log loss", Numbers.short(model.logLoss.value), range(model.logLoss, Numbers.short)),
      tile(
        "Answering the priors", Numbers.short(report.priorLogLoss.value),
        removed > 0 ? "\(Numbers.percent(removed)) of this is gone" : "not beaten"),
      tile("Mean average precision", model.averagePrecision, Numbers.short),
      tile("Mean ROC AUC", model.rocAUC, Numbers.short),
      tile("Most probable class is right", model.topClass, Numbers.percent),
      tile("Calibration error", model.calibration.error, Numbers.short),
    ]
    if let cut = model.blankFilter?.cuts.first(where: { $0.lost == 5 }) {
      tiles.append(tile("Blanks removed for 5\u{A0}% of animals", cut.removed, Numbers.percent))
    }
    return tiles
  }

  private func tile(
    _ label: String, _ estimate: FullReport.Estimate?, _ format: (Double) -> String
  ) -> Markup {
    guard let estimate else { return tile(label, "not defined", "no class with clips of both kinds") }
    return tile(label, format(estimate.value), range(estimate, format))
  }

  private func tile(_ label: String, _ value: String, _ below: String) -> Markup {
    .element(
      "div", [.init("class", "tile")], .text(label), .element("b", [], .text(value)),
      .element("small", [], .text(below)))
  }

  private func range(_ estimate: FullReport.Estimate, _ format: (Double) -> String) -> String {
    estimate.interval.map { Numbers.range($0, format) } ?? Cells.noInterval
  }

  private var comparison: Markup {
    guard let previous = report.previous else { return .none }
    var text =
      "Run \(previous.name) before it, on the \(Numbers.count(previous.clips)) clips that both were judged on: log loss "
      + "\(Numbers.short(previous.previousLogLoss)) then, \(Numbers.short(previous.logLoss)) now. "
    if let interval = previous.gain.interval {
      let size = Numbers.range(interval, Numbers.short)
      if interval.low > 0 {
        text += "That is better by \(Numbers.short(previous.gain.value)) (\(size))."
      } else if interval.high < 0 {
        text += "That is worse: the gain is \(Numbers.short(previous.gain.value)) (\(size))."
      } else {
        text += "The difference is no larger than chance makes it: \(Numbers.short(previous.gain.value)) (\(size))."
      }
    } else {
      text += "The clips are too few to say whether that is chance."
    }
    return .element("p", [], .text(text))
  }

  private var remarkList: Markup {
    if remarks.isEmpty { return .none }
    return .element(
      "section", [], .element("h2", [], .text("Before trusting these numbers")),
      .element("ul", [], remarks.map { .element("li", [], .text($0)) }))
  }
}
