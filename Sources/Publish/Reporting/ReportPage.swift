package import Foundation
internal import Pages
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

  /// UTF-8.
  package var data: Data { Page(title: "Scoring report \(run)", content: sections).data }

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
