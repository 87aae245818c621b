internal import Pages
internal import WorkUnits

/// What a blank filter would spare, and cost.
struct BlankSection {
  /// The part of the curve that is drawn: nobody gives up more animals.
  private static let most = 0.2
  private static let (left, right, top, bottom) = (48.0, 388.0, 8.0, 240.0)

  var model: FullReport.Model

  /// Why there is no filter to speak of.
  static func reason(_ model: FullReport.Model) -> String {
    guard let blank = model.classes.first(where: { $0.name == "blank" }) else { return "no class is named blank" }
    return blank.positives == 0 ? "no clip has it" : "every clip has it"
  }

  var markup: Markup {
    var parts = [Markup.element("h2", [], .text("Blank filter"))]
    guard let filter = model.blankFilter else {
      // Without such a class the set has nothing to do with this.
      if !model.classes.contains(where: { $0.name == "blank" }) { return .none }
      parts.append(.element("p", [], .text("Not defined: of the class blank, \(Self.reason(model)).")))
      return .element("section", [], parts)
    }
    parts += [
      .element(
        "p", [],
        .text(
          "How many of the \(Numbers.count(filter.blanks)) blank clips nobody has to look at when the most probably "
            + "blank ones are thrown away, and a few of the \(Numbers.count(filter.animals)) others with them.")),
      .element(
        "div", [.init("class", "plots")],
        [
          .element("div", [], plot(filter)), .element("div", [], table(filter)),
        ]),
    ]
    return .element("section", [], parts)
  }

  private func table(_ filter: FullReport.BlankFilter) -> Markup {
    Cells.table(
      ["Animal clips lost", "Blank clips removed"],
      filter.cuts.map { Cells.row("\($0.lost)\u{A0}%", [Cells.estimate($0.removed, Numbers.percent)]) })
  }

  private func x(_ lost: Double) -> Double { Self.left + lost / Self.most * (Self.right - Self.left) }
  private func y(_ removed: Double) -> Double { Self.bottom - removed * (Self.bottom - Self.top) }

  private func plot(_ filter: FullReport.BlankFilter) -> Markup {
    let points = filter.curve.enumerated().map { (lost: Double($0) / 200, removed: $1) }.filter { $0.lost <= Self.most }
    let path = points.map { "\(Numbers.length(x($0.lost))),\(Numbers.length(y($0.removed)))" }.joined(separator: " ")
    let curve = Markup.element("polyline", [.init("class", "curve"), .init("points", path)])
    let marks = filter.cuts.flatMap { cut -> [Markup] in
      let x = x(Double(cut.lost) / 100)
      let mark = Markup.element(
        "circle", [.init("class", "mark"), .init("cx", x), .init("cy", y(cut.removed.value)), .init("r", 5)])
      guard let interval = cut.removed.interval else { return [mark] }
      return [line("whisker", x, y(interval.low), x, y(interval.high)), mark]
    }
    return .element(
      "svg",
      [
        .init("viewBox", "0 0 400 276"), .init("role", "img"),
        .init("aria-label", "Share of blank clips removed by share of animal clips lost"),
      ], axes + [curve] + marks)
  }

  private var axes: [Markup] {
    let across = [0, 0.25, 0.5, 0.75, 1].flatMap { share in
      [
        line("axis", Self.left, y(share), Self.right, y(share)),
        label("soft end", Self.left - 6, y(share) + 4, "\(Int(share * 100))\u{A0}%"),
      ]
    }
    let down = [0, 0.05, 0.1, 0.15, 0.2].map { share in
      label("soft middle", x(share), Self.bottom + 16, "\(Int((share * 100).rounded()))\u{A0}%")
    }
    return across + down
      + [
        label(
          "soft middle", (Self.left + Self.right) / 2, Self.bottom + 32, "animal clips lost; above: blank clips removed"
        )
      ]
  }

  private func label(_ style: String, _ x: Double, _ y: Double, _ text: String) -> Markup {
    .element("text", [.init("class", style), .init("x", x), .init("y", y)], .text(text))
  }

  private func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> Markup {
    .element("line", [.init("class", style), .init("x1", x1), .init("y1", y1), .init("x2", x2), .init("y2", y2)])
  }
}
