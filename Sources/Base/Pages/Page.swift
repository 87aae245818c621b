package import Foundation
internal import Vocabulary

/// A whole page of HTML: no script, one style sheet, nothing from elsewhere, and a policy that allows nothing else.
package struct Page: Sendable {
  private let title: String
  private let refresh: Int?
  private let content: [Markup]

  /// - Parameter refresh: seconds after which a browser asks for the page again; nil for never.
  package init(title: String, refresh: Int? = nil, content: [Markup]) {
    self.title = title
    self.refresh = refresh
    self.content = content
  }

  /// What a page needs to be allowed, and all of it: for the header of whoever serves it. The page says so itself too.
  package static let contentSecurityPolicy: String = {
    let digest = Data(Digest(of: Data("\(StyleSheet.text)".utf8)).bytes).base64EncodedString()
    return "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'"
  }()

  /// UTF-8.
  package var data: Data {
    let again = refresh.map {
      Markup.void("meta", [.init("http-equiv", "refresh"), .init("content", "\($0)")])
    }
    let head = Markup.element(
      "head", [],
      .void("meta", [.init("charset", "utf-8")]),
      .void("meta", [.init("http-equiv", "Content-Security-Policy"), .init("content", Self.contentSecurityPolicy)]),
      .void("meta", [.init("name", "viewport"), .init("content", "width=device-width, initial-scale=1")]),
      again ?? .none, .element("title", [], .text(title)), .style(StyleSheet.text))
    let page = Markup.element("html", [.init("lang", "en")], head, .element("body", [], .element("main", [], content)))
    return Data("<!DOCTYPE html>\n\(page.html)\n".utf8)
  }
}
