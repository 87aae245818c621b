package import Foundation
internal import Vocabulary
package import WorkUnits

/// The scoring report as one page, `report.html`: no script, no file beside it, drawings as SVG. The same report makes the
/// same bytes.
package struct ReportPage: Sendable {
  package static let name = "report.html"

  private let report: FullReport
  private let run: String
  private let remarks: [String]

  /// - Parameters:
  ///   - run: the run's name.
  ///   - remarks: what a reader should know before trusting the numbers, a sentence each, such as `FoldReport.remarks`.
  package init(_ report: FullReport, run: String, remarks: [String] = []) {
    self.report = report
    self.run = run
    self.remarks = remarks
  }

  /// What the page needs to be allowed, and all of it: for the header of whoever serves it. The page says so itself too.
  package static let contentSecurityPolicy: String = {
    let digest = Data(Digest(of: Data("\(StyleSheet.text)".utf8)).bytes).base64EncodedString()
    return "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'"
  }()

  /// UTF-8.
  package var data: Data {
    let head = Markup.element(
      "head", [],
      .void("meta", [.init("charset", "utf-8")]),
      .void("meta", [.init("http-equiv", "Content-Security-Policy"), .init("content", Self.contentSecurityPolicy)]),
      .void("meta", [.init("name", "viewport"), .init("content", "width=device-width, initial-scale=1")]),
      .element("title", [], .text("Scoring report \(run)")), .style(StyleSheet.text))
    let page = Markup.element("html", [.init("lang", "en")], head, .element("body", [], .element("main", [], sections)))
    return Data("<!DOCTYPE html>\n\(page.html)\n".utf8)
  }

  private var sections: [Markup] {
    [
      SummarySection(report: report, run: run, remarks: remarks).markup,
      ModelsSection(report: report).markup,
      ClassesSection(model: report.stack, clips: report.clips).markup,
      CalibrationSection(model: report.stack).markup,
      ConfusionSection(model: report.stack).markup,
      BlankSection(model: report.stack).markup,
      DefinitionsSection(resamples: report.resamples).markup,
    ]
  }
}
