package import Foundation

/// How a record looks outside the journal: `2026-11-24T14:03:02Z warning: message (stage=extract clip=3f2a...)`.
package enum JournalLine {
  package static func text(
    _ level: JournalLevel, _ message: String, _ fields: [(JournalField, String)], at date: Date
  ) -> String {
    let time = date.formatted(.iso8601)
    let facts = fields.map { "\($0.0.rawValue)=\($0.1)" }.joined(separator: " ")
    return "\(time) \(level.rawValue): \(message)" + (facts.isEmpty ? "" : " (\(facts))")
  }
}
