internal import Foundation
internal import Pages
internal import WorkUnits

/// Numbers as the page writes them.
enum Numbers {
  /// Three significant digits and at most six decimals, never an exponent: `0.0153`, `1.20`, `0`. What is not quite 1 does not become it.
  static func short(_ value: Double) -> String {
    if value == 0 { return "0" }
    let rounded = String(format: "%.2e", value)
    let power = rounded.split(separator: "e").last.flatMap { Int($0) } ?? 0
    if value < 1 && value > 0 && power == 0 { return ">0.999" }
    if abs(value) < 1e-6 { return value > 0 ? "<0.000001" : ">\u{2212}0.000001" }
    return minus(String(format: "%.\(min(max(2 - power, 0), 6))f", value))
  }

  /// `93.1 %`, of a share. What is not quite none or all does not become it.
  static func percent(_ share: Double) -> String {
    let text = String(format: "%.1f", share * 100)
    if text == "100.0" && share < 1 { return ">99.9\u{A0}%" }
    if text == "0.0" && share > 0 { return "<0.1\u{A0}%" }
    return "\(text)\u{A0}%"
  }

  /// `204,130`.
  static func count(_ count: Int) -> String {
    var digits = Array(String(count))
    for place in stride(from: digits.count - 3, to: digits.first == "-" ? 1 : 0, by: -3) {
      digits.insert(",", at: place)
    }
    return String(digits)
  }

  /// A coordinate in a drawing.
  static func length(_ value: Double) -> String {
    let text = String(format: "%.2f", value)
    return text == "-0.00" ? "0.00" : text
  }

  /// `0.0147 to 0.0160`.
  static func range(_ interval: FullReport.Interval, _ format: (Double) -> String) -> String {
    "\(format(interval.low)) to \(format(interval.high))"
  }

  private static func minus(_ text: String) -> String { text.replacingOccurrences(of: "-", with: "\u{2212}") }
}

extension Markup.Attribute {
  /// In hundredths of a unit of length.
  init(_ name: StaticString, _ value: Double) { self.init(name, Numbers.length(value)) }
}
