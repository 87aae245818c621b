internal import Pages
internal import WorkUnits

/// Tables and their cells.
enum Cells {
  static let noInterval = "no interval: too few clips"

  /// A number with its interval below, or why there is none.
  static func estimate(
    _ estimate: FullReport.Estimate?, _ format: (Double) -> String, undefined: String = ""
  ) -> Markup {
    guard let estimate else { return .element("td", [.init("class", "undefined")], .text("not defined: \(undefined)")) }
    return .element(
      "td", [], .text(format(estimate.value)),
      .element("small", [], .text(estimate.interval.map { Numbers.range($0, format) } ?? "too few clips")))
  }

  static func plain(_ text: String) -> Markup { .element("td", [], .text(text)) }

  /// - Parameters:
  ///   - rows: each a `tr`.
  ///   - isPairs: whether the second column holds names too.
  static func table(_ heads: [String], _ rows: [Markup], isPairs: Bool = false) -> Markup {
    let head = Markup.element(
      "thead", [], .element("tr", [], heads.map { .element("th", [.init("scope", "col")], .text($0)) }))
    return .element(
      "div", [.init("class", "scroll")],
      .element("table", isPairs ? [.init("class", "pairs")] : [], head, .element("tbody", [], rows)))
  }

  static func row(_ name: String, isMain: Bool = false, _ cells: [Markup]) -> Markup {
    .element(
      "tr", isMain ? [.init("class", "main")] : [],
      [.element("th", [.init("scope", "row")], .text(name))] + cells)
  }
}
