internal import Foundation
internal import Tables
package import Vocabulary

/// What a submission says: one row a clip, one probability a class.
package struct Submission: Sendable {
  package struct Row: Sendable {
    package enum Answer: Sendable {
      /// Probabilities in the order of the submission's classes.
      case scored([Float])
      /// The priors, and why.
      case prior(reason: String)
    }

    package var name: BytePath
    package var answer: Answer

    package init(name: BytePath, answer: Answer) {
      self.name = name
      self.answer = answer
    }
  }

  package var classes: ClassList
  package var rows: [Row]
  /// Share of each class among the labelled clips.
  package var priors: [Float]

  package init(classes: ClassList, rows: [Row], priors: [Float]) {
    self.classes = classes
    self.rows = rows
    self.priors = priors
  }

  /// The file's content: `filename` and the classes, names exactly as they came.
  ///
  /// - Throws: `SubmissionError` for a score that is not a probability: a defect, never to be written out.
  package func csv() throws(SubmissionError) -> [UInt8] {
    var writer = CSVWriter()
    writer.write([Array("filename".utf8)] + classes.names.map { Array($0.utf8) })
    for row in rows {
      let values = if case .scored(let scores) = row.answer { scores } else { priors }
      guard values.count == classes.count, values.allSatisfy({ $0 >= 0 && $0 <= 1 }) else {
        throw SubmissionError(name: row.name)
      }
      writer.write([row.name.bytes] + values.map(Self.text))
    }
    return writer.bytes
  }

  /// Plain decimal digits without an exponent; enough of them that nothing is lost that a log loss could see.
  private static func text(_ value: Float) -> [UInt8] {
    // Integers only: formatting by the C library would follow the locale.
    let scale = 1_000_000_000
    // By way of the shortest text that means this float: 0.04 and not 0.039999999.
    let exact = Double(value.description) ?? Double(value)
    let parts = Int((exact * Double(scale)).rounded())
    if parts >= scale { return Array("1.0".utf8) }
    var digits = Array(String(parts).utf8)
    digits = Array(repeating: UInt8(ascii: "0"), count: 9 - digits.count) + digits
    while digits.count > 1, digits.last == UInt8(ascii: "0") { digits.removeLast() }
    return Array("0.".utf8) + digits
  }
}

package struct SubmissionError: Error, CustomStringConvertible {
  package var name: BytePath
  package var description: String { "\(name): its scores are not probabilities; nothing is published" }
}
