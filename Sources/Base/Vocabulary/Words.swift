package import Foundation

/// Amounts as people write them.
package enum Words {
  package static func count(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  /// `45 s`, `3 min`, `2 h 10 min`, `4 days`.
  package static func time(_ seconds: Double) -> String {
    let seconds = Int(min(max(seconds, 0), 1e9).rounded(.up))
    switch seconds {
    case ..<90: return "\(seconds) s"
    case ..<5400: return "\((seconds + 30) / 60) min"
    case ..<172_800: return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    default: return "\(seconds / 86400) days"
    }
  }

  /// `870 B`, `12.3 MB`, in powers of 1000 as disks are sold.
  package static func bytes(_ bytes: Int64) -> String {
    var value = Double(bytes)
    for unit in ["B", "kB", "MB", "GB"] {
      let text = unit == "B" ? "\(bytes)" : String(format: "%.1f", value)
      // What rounds up to a thousand is one of the next unit.
      if value < 1000 && text != "1000.0" { return "\(text) \(unit)" }
      value /= 1000
    }
    return String(format: "%.2f TB", value)
  }

  /// `3.2/min`, in the largest unit of time that makes one or more of it: trainings take hours.
  package static func rate(perMinute: Double) -> String {
    switch perMinute {
    case 10...: String(format: "%.0f/min", perMinute)
    case 1...: String(format: "%.1f/min", perMinute)
    case (1.0 / 60)...: String(format: "%.1f/h", perMinute * 60)
    case 0.00007...: String(format: "%.1f/day", perMinute * 1440)
    default: ""
    }
  }

  /// `just now`, `3 min ago`.
  package static func ago(_ date: Date, _ now: Date) -> String {
    let seconds = now.timeIntervalSince(date)
    return seconds < 5 ? "just now" : "\(time(seconds)) ago"
  }
}
