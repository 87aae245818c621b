internal import Pages
internal import WorkUnits

/// Squares of the confusion, each row's shares as their strength.
struct ConfusionMap {
  var rows: [String]
  var columns: [String]
  var counts: [[Int]]

  private static let left = 132.0
  private static let top = 112.0
  private static let pitch = 28.0

  var markup: Markup {
    let (width, height) = (
      Self.left + Double(columns.count) * Self.pitch + 74, Self.top + Double(rows.count) * Self.pitch + 6
    )
    return .element(
      "svg",
      [
        .init("viewBox", "0 0 \(Numbers.length(width)) \(Numbers.length(height))"), .init("role", "img"),
        .init("aria-label", "Confusion of the most probable class"),
      ], heads + counts.indices.flatMap(row))
  }

  private var heads: [Markup] {
    columns.enumerated().map { index, name in
      let x = Self.left + (Double(index) + 0.5) * Self.pitch
      let place = "rotate(-45 \(Numbers.length(x)) \(Numbers.length(Self.top - 8)))"
      return .element(
        "text", [.init("x", x), .init("y", Self.top - 8), .init("transform", place)], .text(DotPlot.shortened(name)))
    }
  }

  private func row(_ row: Int) -> [Markup] {
    let y = Self.top + Double(row) * Self.pitch
    let all = Double(max(counts[row].reduce(0, +), 1))
    var parts = [
      Markup.element(
        "text", [.init("class", "end"), .init("x", Self.left - 8), .init("y", y + Self.pitch / 2 + 4)],
        .text(DotPlot.shortened(rows[row])))
    ]
    for (column, count) in counts[row].enumerated() {
      let x = Self.left + Double(column) * Self.pitch
      parts.append(
        .element(
          "rect",
          [
            .init("class", "axis"), .init("x", x), .init("y", y), .init("width", Self.pitch),
            .init("height", Self.pitch),
          ]))
      if count == 0 { continue }
      let tip = "\(rows[row]) taken for \(columns[column]): \(Numbers.count(count))"
      parts += [
        .element(
          "rect",
          [
            .init("class", "cell"), .init("x", x + 1), .init("y", y + 1), .init("width", Self.pitch - 2),
            .init("height", Self.pitch - 2), .init("fill-opacity", 0.04 + 0.56 * Double(count) / all),
          ], .element("title", [], .text(tip))),
        .element(
          "text",
          [
            .init("class", "middle"), .init("x", x + Self.pitch / 2), .init("y", y + Self.pitch / 2 + 4),
          ], .text(Self.brief(count))),
      ]
    }
    return parts
  }

  /// What fits into a square: `870`, `12k`.
  private static func brief(_ count: Int) -> String {
    count < 1000 ? "\(count)" : count < 999_500 ? "\((count + 500) / 1000)k" : "\((count + 500_000) / 1_000_000)M"
  }
}
