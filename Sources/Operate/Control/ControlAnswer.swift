package import Foundation
package import Vocabulary

/// What is sent back.
package struct ControlAnswer: Sendable {
  package enum Body: Sendable {
    case bytes(Data)
    /// The content of a file, sent without being read into memory; what is answered when it is gone.
    case file(BytePath, orElse: ControlProblem)
  }

  package var status: Int
  package var contentType: String
  package var body: Body
  /// The methods that are possible, where the one used is not.
  package var allowed: String?
  /// Of a page: what its browser lets it do.
  package var policy: String?

  package init(status: Int, contentType: String, body: Body, policy: String? = nil) {
    self.status = status
    self.contentType = contentType
    self.body = body
    self.policy = policy
  }

  package static func json(_ value: some Encodable, status: Int = 200) -> ControlAnswer {
    guard let data = try? ControlJSON.encoder.encode(value) else {
      return problem(500, "the answer cannot be encoded", next: "report this")
    }
    return ControlAnswer(status: status, contentType: "application/json", body: .bytes(data + Data("\n".utf8)))
  }

  /// The method is not one of those that are possible.
  package static func wrongMethod(_ method: String, allowed: [String]) -> ControlAnswer {
    let allowed = allowed.joined(separator: ", ")
    var answer = problem(405, "\(method.prefix(20)) is not possible here", next: "use \(allowed)")
    answer.allowed = allowed
    return answer
  }

  package static func problem(_ status: Int, _ problem: String, next: String) -> ControlAnswer {
    json(ControlProblem(problem: problem, next: next), status: status)
  }
}

/// Why a request was not answered: every error of the API has this body.
package struct ControlProblem: Codable, Sendable, Equatable {
  package var problem: String
  package var next: String

  package init(problem: String, next: String) {
    self.problem = problem
    self.next = next
  }
}

/// Why the daemon does not do what was asked: the question's fault, not the daemon's.
package struct ControlRefusal: Error, CustomStringConvertible {
  package var status: Int
  package var problem: ControlProblem

  package static func unknown(_ problem: String, next: String) -> ControlRefusal {
    ControlRefusal(status: 404, problem: ControlProblem(problem: problem, next: next))
  }

  /// What is there is not what can be done with.
  package static func conflict(_ problem: String, next: String) -> ControlRefusal {
    ControlRefusal(status: 409, problem: ControlProblem(problem: problem, next: next))
  }

  package var description: String { "\(problem.problem); \(problem.next)" }
}

/// How values stand in JSON: times as ISO 8601, keys sorted.
package enum ControlJSON {
  package static var encoder: JSONEncoder {
    let encoder = JSONEncoder()
    encoder.dateEncodingStrategy = .iso8601
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }

  /// For programs that read a value a line.
  package static func line(_ value: some Encodable) -> String {
    (try? encoder.encode(value)).map { harmless(String(decoding: $0, as: UTF8.self)) } ?? ""
  }

  /// The same JSON without characters that steer a terminal or turn the direction of text, which stand in strings alone:
  /// they are written as their numbers.
  package static func harmless(_ json: String) -> String {
    var clean = String.UnicodeScalarView()
    for scalar in json.unicodeScalars {
      if scalar.isHarmful && scalar != "\n" {
        for unit in String(scalar).utf16 { clean.append(contentsOf: String(format: "\\u%04x", unit).unicodeScalars) }
      } else {
        clean.append(scalar)
      }
    }
    return String(clean)
  }

  package static var decoder: JSONDecoder {
    let decoder = JSONDecoder()
    decoder.dateDecodingStrategy = .iso8601
    return decoder
  }
}

extension Unicode.Scalar {
  /// Whether it steers a terminal or turns the direction of text.
  package var isHarmful: Bool {
    switch properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: true
    default: false
    }
  }
}
