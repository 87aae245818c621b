internal import Pages
internal import WorkUnits

/// Whether what is called probable comes true as often.
struct CalibrationSection {
  /// Of fewer clips a curve is noise.
  private static let least = 20

  var model: FullReport.Model

  var markup: Markup {
    let drawn = model.classes.filter { $0.positives >= Self.least }.sorted { $1.positives < $0.positives }
    return .element(
      "section", [],
      [
        .element("h2", [], .text("Calibration")),
        .element(
          "p", [],
          .text(
            "Predictions in ten bins by their probability: a dot on the dashed line says that of clips called 70\u{A0}% "
              + "probable, 70\u{A0}% had the class. Bars below: how many predictions a bin has, on a logarithmic scale."
          )),
        .element(
          "div", [.init("class", "plots")],
          [
            .element(
              "div", [], .element("h3", [], .text("All classes together")),
              ReliabilityPlot(title: "Reliability of all classes", calibration: model.calibration, hasNumbers: true)
                .markup),
            .element("div", [], .element("h3", [], .text("In numbers")), bins),
          ]),
        .element(
          "div", [.init("class", "many")],
          drawn.map { score in
            .element(
              "div", [], .element("h3", [], .text(score.name)),
              ReliabilityPlot(
                title: "Reliability of \(score.name)", calibration: score.calibration, hasNumbers: false
              ).markup)
          }),
        drawn.count < model.classes.count
          ? .element(
            "p", [.init("class", "muted")], .text("Classes with fewer than \(Self.least) clips are not drawn."))
          : .none,
      ])
  }

  private var bins: Markup {
    Cells.table(
      ["Called probable", "Predictions", "On average", "Came true"],
      model.calibration.bins.enumerated().map { index, bin in
        Cells.row(
          "\(index * 10)\u{A0}to\u{A0}\(index * 10 + 10)\u{A0}%",
          [
            Cells.plain(Numbers.count(bin.predictions)), Cells.plain(bin.predicted.map(Numbers.percent) ?? "none"),
            Cells.plain(bin.observed.map(Numbers.percent) ?? "none"),
          ])
      })
  }
}
