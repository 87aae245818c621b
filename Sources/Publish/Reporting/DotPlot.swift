internal import Foundation
internal import Pages
internal import WorkUnits

/// A row for each thing: a dot with its interval, and a mark to compare it with.
struct DotPlot {
  enum Scale {
    /// 0 to 1.
    case share
    /// Decades; every value is above 0.
    case logarithmic
  }

  struct Row {
    var name: String
    var estimate: FullReport.Estimate?
    var reference: Double?
    /// Why there is no estimate.
    var undefined = ""
  }

  var title: String
  var scale: Scale
  var rows: [Row]

  private static let width = 400.0
  private static let left = 128.0
  private static let right = 388.0
  private static let pitch = 20.0
  private static let top = 22.0
  /// Below this a log loss is as good as none.
  private static let least = 1e-7

  static func legend(_ own: String, _ other: String) -> Markup {
    .element(
      "figcaption", [], .element("span", [.init("class", "own")], .text("\u{25CF} ")), .text("\(own);  "),
      .element("span", [.init("class", "other")], .text("| ")), .text(other))
  }

  var markup: Markup {
    let height = Self.top + Double(rows.count) * Self.pitch + 6
    return .element(
      "svg", [.init("viewBox", "0 0 400 \(Numbers.length(height))"), .init("role", "img"), .init("aria-label", title)],
      ticks(height) + rows.enumerated().map(draw))
  }

  /// The ends of the axis: values, or their decimal logarithms.
  private var ends: (low: Double, high: Double) {
    guard scale == .logarithmic else { return (0, 1) }
    let values = rows.flatMap { row in
      [row.estimate?.value, row.estimate?.interval?.low, row.estimate?.interval?.high, row.reference].compactMap { $0 }
    }
    let logs = values.map { log10(max($0, Self.least)) }
    let (low, high) = (logs.min() ?? -1, logs.max() ?? 0)
    return (low - 0.04 * (high - low) - 0.02, high + 0.04 * (high - low) + 0.02)
  }

  private func x(_ value: Double) -> Double {
    let (low, high) = ends
    let place = scale == .share ? value : log10(max(value, Self.least))
    return Self.left + (place - low) / (high - low) * (Self.right - Self.left)
  }

  /// A few of each decade; of many decades the 1 alone, and of very many that of every other one.
  private var tickValues: [Double] {
    guard scale == .logarithmic else { return [0, 0.25, 0.5, 0.75, 1] }
    let (low, high) = ends
    let every = high - low > 4 ? 2 : 1
    let digits: [Double] = high - low > 2.2 ? [1] : high - low > 1.2 ? [1, 3] : [1, 2, 3, 5, 7]
    return (Int(low.rounded(.down))...Int(high.rounded(.up))).filter { $0 % every == 0 }.flatMap { power in
      digits.map { $0 * pow(10, Double(power)) }
    }.filter { log10($0) >= low && log10($0) <= high }
  }

  private func ticks(_ height: Double) -> [Markup] {
    tickValues.flatMap { value -> [Markup] in
      let x = x(value)
      let text = scale == .share ? String(format: "%g", value) : Self.plain(value)
      return [
        .element(
          "line",
          [
            .init("class", "axis"), .init("x1", x), .init("x2", x), .init("y1", Self.top - 4),
            .init("y2", height),
          ]),
        .element("text", [.init("class", "soft middle"), .init("x", x), .init("y", 12)], .text(text)),
      ]
    }
  }

  /// `0.001`, without the digits that say nothing.
  private static func plain(_ value: Double) -> String {
    String(format: "%.\(max(0, -Int((log10(value) + 1e-9).rounded(.down))))f", value)
  }

  private func draw(_ index: Int, _ row: Row) -> Markup {
    let y = Self.top + (Double(index) + 0.5) * Self.pitch
    var parts = [
      Markup.element(
        "text", [.init("class", "end"), .init("x", Self.left - 8), .init("y", y + 4)], .text(Self.shortened(row.name)))
    ]
    if let reference = row.reference {
      parts.append(line("prior", x(reference), y - 6, x(reference), y + 6))
    }
    if let estimate = row.estimate {
      if let interval = estimate.interval { parts.append(line("whisker", x(interval.low), y, x(interval.high), y)) }
      parts.append(
        .element("circle", [.init("class", "mark"), .init("cx", x(estimate.value)), .init("cy", y), .init("r", 4)]))
    } else {
      parts.append(
        .element(
          "text", [.init("class", "soft"), .init("x", Self.left + 6), .init("y", y + 4)],
          .text("not defined: \(row.undefined)")))
    }
    return .element("g", [], [.element("title", [], .text(tip(row)))] + parts)
  }

  private func tip(_ row: Row) -> String {
    guard let estimate = row.estimate else { return "\(row.name): not defined: \(row.undefined)" }
    let range = estimate.interval.map { " (\(Numbers.range($0, Numbers.short)))" } ?? ""
    return "\(row.name): \(Numbers.short(estimate.value))\(range)"
  }

  private func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> Markup {
    .element(
      "line", [.init("class", style), .init("x1", x1), .init("y1", y1), .init("x2", x2), .init("y2", y2)])
  }

  /// What fits beside the plot; the whole name is in the table.
  static func shortened(_ name: String) -> String { name.count > 19 ? "\(name.prefix(18))\u{2026}" : name }
}
