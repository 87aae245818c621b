import Foundation
import Pages
import Reporting
import Scoring
import TestSupport
import Testing
import Vocabulary
import WorkUnits

@Suite struct ReportPageTests {
  private static func page(_ report: FullReport, remarks: [String] = []) -> String {
    String(decoding: ReportPage(report, run: "0123456789abcdef", remarks: remarks).data, as: UTF8.self)
  }

  /// A report on few clips with the given truth; every class but the first is called `class N`.
  private static func report(_ truth: [[Bool]], first: String = "blank") throws -> FullReport {
    let classes = truth[0].indices.map { $0 == 0 ? first : "class \($0)" }
    let rows = truth.indices.map { clip in classes.indices.map { Double((clip * 3 + $0) % 11) / 10 } }
    let answers = try Answers(name: "m", rows: rows, classes: classes.count)
    let assessment = FullAssessment(truth: truth, classes: classes, priors: answers, seed: 1)
    return try assessment.report(stack: answers, members: [assessment.judge(answers)])
  }

  /// Whether every element is closed in its place, and no stray bracket stands in the text.
  private static func isWellFormed(_ page: String) -> Bool {
    var open: [Substring] = []
    // The style sheet has brackets of its own.
    let markup = page.replacing(#/<style>.*?<\/style>/#.dotMatchesNewlines(), with: "")
    var text = markup[...]
    while let start = text.firstIndex(where: { "<>".contains($0) }) {
      guard text[start] == "<", let end = text[start...].firstIndex(of: ">") else { return false }
      let tag = text[text.index(after: start)..<end]
      text = text[text.index(after: end)...]
      if tag.hasPrefix("!DOCTYPE") || tag.hasPrefix("meta ") { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == tag.dropFirst() else { return false }
      } else {
        // Attributes are in double quotes.
        guard tag.count(where: { $0 == "\"" }) % 2 == 0 else { return false }
        open.append(tag.prefix { $0 != " " })
      }
    }
    return open.isEmpty
  }

  @Test func itIsWellFormedAndTheSameEachTime() throws {
    let report = try SampleReport.make(clips: 600)
    let page = Self.page(report)
    #expect(Self.isWellFormed(page) && !Self.isWellFormed(page.replacingOccurrences(of: "</td>", with: "")))
    #expect(page == Self.page(report))
    for name in SampleReport.shares.map(\.name) { #expect(page.contains(name)) }
  }

  @Test func itHasNoScriptAndNothingFromElsewhere() throws {
    let page = Self.page(try SampleReport.make(clips: 300)).lowercased()
    for word in ["<script", "javascript:", " style=", " onload", "<link", "<img", "@import", "url(", "href", "src="] {
      #expect(!page.contains(word), "\(word)")
    }
    #expect(page.count { $0 == "<" } > 1000)
  }

  /// The policy lets the one style sheet through by its digest: of exactly what stands between the tags.
  @Test func itsPolicyIsThatOfItsStyleSheet() throws {
    let page = Self.page(try SampleReport.make(clips: 300))
    let sheet = try #require(page.firstMatch(of: #/<style>(.*?)</style>/#.dotMatchesNewlines())).output.1
    let digest = Data(Digest(of: Data(sheet.utf8)).bytes).base64EncodedString()
    #expect(Page.contentSecurityPolicy.contains("style-src 'sha256-\(digest)'"))
    #expect(page.contains(Page.contentSecurityPolicy.replacingOccurrences(of: "'", with: "&#39;")))
    #expect(Page.contentSecurityPolicy.hasPrefix("default-src 'none'"))
  }

  @Test(arguments: [
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("\" onload=\"x", "&quot; onload=&quot;x"), ("a & b's", "a &amp; b&#39;s"),
    ("a\u{0}\u{202E}b", "a\u{FFFD}\u{FFFD}b"),
  ])
  func namesAreEscaped(_ name: String, _ escaped: String) throws {
    var names = SampleReport.shares.map(\.name)
    names[8] = name
    let page = Self.page(try SampleReport.make(clips: 200, names: names), remarks: ["of \(name)"])
    #expect(!page.contains(name) && page.contains(escaped) && page.contains("of \(escaped)"))
    #expect(Self.isWellFormed(page))
  }

  struct Degenerate: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var truth: [[Bool]]
    var says: [String]
  }

  @Test(arguments: [
    Degenerate(
      testDescription: "no positive", truth: (0..<30).map { [$0 % 2 == 0, false] },
      says: ["not defined: no clip has it"]),
    Degenerate(
      testDescription: "all positive", truth: (0..<30).map { [$0 % 2 == 0, true] },
      says: ["not defined: every clip has it"]),
    Degenerate(
      testDescription: "nothing blank", truth: (0..<30).map { [false, $0 % 2 == 0] },
      says: ["Not defined: of the class blank, no clip has it.", "not defined: no clip has it"]),
    Degenerate(
      testDescription: "one clip", truth: [[true, false]],
      says: ["not defined: every clip has it", "too few clips", "1 labelled clips"]),
    Degenerate(
      testDescription: "no labels at all", truth: (0..<9).map { _ in [false, false] },
      says: ["not defined: no clip has it"]),
  ])
  func whatIsNotDefinedIsSaid(_ example: Degenerate) throws {
    let page = Self.page(try Self.report(example.truth))
    for words in example.says { #expect(page.contains(words), "\(words)") }
    let text = page.replacing(#/<style>.*?</style>/#.dotMatchesNewlines(), with: "").lowercased()
    #expect(!text.contains(#/\bnan\b|\binf(inity)?\b|optional\(|nil/#))
    #expect(Self.isWellFormed(page))
  }

  @Test(arguments: [
    (0.99996, "&gt;0.999"), (0.9994, "0.999"), (1, "1.00"), (0.0153449, "0.0153"), (0, "0"), (0.0000999999, "0.000100"),
    (0.00000451, "0.000005"), (1e-9, "&lt;0.000001"),
    (12.3456, "12.3"), (123.456, "123"),
  ])
  func numbersHaveThreeDigits(_ value: Double, _ text: String) throws {
    var report = try Self.report([[true, false], [false, true]])
    report.stack.rocAUC = FullReport.Estimate(value)
    #expect(Self.page(report).contains("Mean ROC AUC<b>\(text)</b>"))
  }

  @Test(arguments: [(1, "100.0"), (0.99999, "&gt;99.9"), (0.00001, "&lt;0.1"), (0, "0.0"), (0.5, "50.0")])
  func sharesAreNotRoundedToAllOrNone(_ share: Double, _ text: String) throws {
    var report = try Self.report([[true, false], [false, true]])
    report.stack.topClass = FullReport.Estimate(share)
    #expect(Self.page(report).contains("Most probable class is right<b>\(text)\u{A0}%</b>"))
  }

  @Test func withoutABlankClassThereIsNoBlankFilter() throws {
    let truth = (0..<30).map { [$0 % 2 == 0, $0 % 3 == 0] }
    #expect(Self.page(try Self.report(truth)).contains("Blank filter"))
    let page = Self.page(try Self.report(truth, first: "empty"))
    #expect(!page.contains("Blank filter") && page.contains("no class is named blank"))
  }

  @Test func theRunBeforeIsNamedWithWhatChanged() throws {
    var report = try SampleReport.make(clips: 600)
    func words(_ gain: Double, _ interval: FullReport.Interval?) -> String {
      report.previous?.gain = FullReport.Estimate(gain, interval)
      return Self.page(report)
    }
    #expect(words(0.002, .init(low: 0.001, high: 0.003)).contains("That is better by 0.00200 (0.00100 to 0.00300)"))
    #expect(words(-0.002, .init(low: -0.003, high: -0.001)).contains("That is worse"))
    #expect(words(0.002, .init(low: -0.001, high: 0.003)).contains("no larger than chance makes it"))
    #expect(words(0.002, nil).contains("too few to say"))
    report.previous = nil
    #expect(!Self.page(report).contains("before it"))
  }

  /// To look at: `PRIMATRIX_REPORT_PAGE=/somewhere/report.html`.
  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["PRIMATRIX_REPORT_PAGE"] != nil,
      "it only writes a page to look at; set PRIMATRIX_REPORT_PAGE to its path"))
  func aPageToLookAt() throws {
    let path = try #require(ProcessInfo.processInfo.environment["PRIMATRIX_REPORT_PAGE"])
    let remarks = [
      "lion: no labelled clip has it", "hyena: 2 clips for 5 folds; none in fold 2, 3, 5",
      "the group site 4/card 2 2017-03-01T12:00:00Z 3f2a91bc has 1204 clips, more than a fold's share of 1000; its fold "
        + "is larger than the others",
    ]
    let report = try SampleReport.make(clips: 5000)
    try ReportPage(report, run: "9c41f6a2d07be583", remarks: remarks).data.write(to: URL(filePath: path))
  }
}
