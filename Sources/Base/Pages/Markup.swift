/// A piece of HTML or SVG that is well formed and escaped: text from outside gets in through `text` or as an attribute's
/// value, and both are escaped.
package struct Markup: Sendable {
  package private(set) var html: String

  private init(html: String) { self.html = html }

  package static let none = Markup(html: "")

  package static func text(_ text: String) -> Markup { Markup(html: escape(text)) }

  /// An element with its end tag.
  package static func element(_ name: StaticString, _ attributes: [Attribute] = [], _ content: Markup...) -> Markup {
    element(name, attributes, content)
  }

  package static func element(_ name: StaticString, _ attributes: [Attribute] = [], _ content: [Markup]) -> Markup {
    let attributes = attributes.map { " \($0.name)=\"\(escape($0.value))\"" }.joined()
    return Markup(html: "<\(name)\(attributes)>\(content.map(\.html).joined())</\(name)>")
  }

  /// The page's own style sheet, which is none of a stranger's text.
  package static func style(_ sheet: StaticString) -> Markup { Markup(html: "<style>\(sheet)</style>") }

  /// An element of HTML that has no content and no end tag.
  package static func void(_ name: StaticString, _ attributes: [Attribute]) -> Markup {
    Markup(html: "<\(name)\(attributes.map { " \($0.name)=\"\(escape($0.value))\"" }.joined())>")
  }

  package struct Attribute: Sendable {
    package var name: StaticString
    package var value: String

    package init(_ name: StaticString, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Control characters are no part of HTML, and one that turns the direction of writing would make a name read otherwise.
  package static func escape(_ text: String) -> String {
    var escaped = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": escaped += "\u{FFFD}"
      case _ where scalar.properties.generalCategory == .control: escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
