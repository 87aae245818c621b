internal import Foundation
internal import Pages
internal import WorkUnits

/// A reliability diagram with its bins' counts below.
struct ReliabilityPlot {
  var title: String
  var calibration: FullReport.Calibration
  /// Numbers at the axes; small drawings have none.
  var hasNumbers: Bool

  private var side: Double { hasNumbers ? 280 : 130 }
  private var left: Double { hasNumbers ? 44 : 4 }
  private var top: Double { 6 }
  private var bars: Double { hasNumbers ? 44 : 24 }

  var markup: Markup {
    let (width, height) = (left + side + 8, top + side + 6 + bars + (hasNumbers ? 36 : 4))
    return .element(
      "svg",
      [
        .init("class", "square"), .init("viewBox", "0 0 \(Numbers.length(width)) \(Numbers.length(height))"),
        .init("role", "img"), .init("aria-label", title),
      ], frame + counts + curve + (hasNumbers ? numbers : []))
  }

  private func x(_ share: Double) -> Double { left + share * side }
  private func y(_ share: Double) -> Double { top + (1 - share) * side }

  private var frame: [Markup] {
    [
      .element(
        "rect",
        [.init("class", "axis"), .init("x", left), .init("y", top), .init("width", side), .init("height", side)]),
      .element(
        "line", [.init("class", "guide"), .init("x1", x(0)), .init("y1", y(0)), .init("x2", x(1)), .init("y2", y(1))]),
    ]
  }

  private var curve: [Markup] {
    let points = calibration.bins.compactMap { bin -> (x: Double, y: Double)? in
      guard let predicted = bin.predicted, let observed = bin.observed else { return nil }
      return (x(predicted), y(observed))
    }
    let path = points.map { "\(Numbers.length($0.x)),\(Numbers.length($0.y))" }.joined(separator: " ")
    return [.element("polyline", [.init("class", "curve"), .init("points", path)])]
      + points.map {
        .element(
          "circle",
          [.init("class", "mark"), .init("cx", $0.x), .init("cy", $0.y), .init("r", hasNumbers ? 4 : 3)])
      }
  }

  private var counts: [Markup] {
    let most = log10(Double(max(calibration.bins.map(\.predictions).max() ?? 0, 1)) + 1)
    let base = top + side + 6 + bars
    let pitch = side / Double(max(calibration.bins.count, 1))
    return calibration.bins.enumerated().filter { $0.element.predictions > 0 }.map { index, bin in
      let height = bars * log10(Double(bin.predictions) + 1) / most
      return .element(
        "rect",
        [
          .init("class", "bar"), .init("x", left + Double(index) * pitch + 1), .init("y", base - height),
          .init("width", pitch - 2), .init("height", height),
        ], .element("title", [], .text(Numbers.count(bin.predictions))))
    }
  }

  private var numbers: [Markup] {
    let below = top + side + 6 + bars + 14
    let ticks = [0, 0.25, 0.5, 0.75, 1].flatMap { share -> [Markup] in
      let text = "\(Int(share * 100))\u{A0}%"
      return [
        .element(
          "text",
          [
            .init("class", share == 1 ? "soft end" : "soft middle"), .init("x", share == 1 ? x(1) + 6 : x(share)),
            .init("y", below),
          ],
          .text(text)),
        .element("text", [.init("class", "soft end"), .init("x", left - 6), .init("y", y(share) + 4)], .text(text)),
      ]
    }
    return ticks + [
      .element(
        "text", [.init("class", "soft middle"), .init("x", x(0.5)), .init("y", below + 16)],
        .text("called probable; above: came true"))
    ]
  }
}
