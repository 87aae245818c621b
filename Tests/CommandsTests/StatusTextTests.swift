import Commands
import Control
import Foundation
import Testing
import Vocabulary

struct StatusTextTests {
  private static let now = Date(timeIntervalSince1970: 1_795_527_782)

  private static func stage(
    _ name: String, _ done: Int, of total: Int?, failed: Int = 0, rate: Double? = nil, left: Double? = nil,
    units: [UnitStatus] = []
  ) -> StageStatus {
    StageStatus(
      name: name, done: done, total: total, failed: failed, running: 0, made: 0, unitsPerMinute: rate,
      secondsLeft: left,
      note: "a/b.mp4", units: units)
  }

  static let quiet = StatusReport(
    version: "1", pid: 1, stateDirectory: "/state", startedAt: now, headline: "waiting for clips", working: false,
    stages: [stage("download", 0, of: nil), stage("extract", 0, of: 0)], sources: [],
    clips: ClipCounts(total: 0, decoded: 0, partial: 0, unreadable: 0, pending: 0, labelled: 0, scored: 0),
    ensemble: nil,
    submission: nil, problems: [])

  static let busy = StatusReport(
    version: "1", pid: 1, stateDirectory: "/state", startedAt: now, headline: "extracting features", working: true,
    stages: [
      stage("download", 1, of: 1), stage("unpack", 1, of: 1, failed: 0),
      stage("extract", 60, of: 120, failed: 2, rate: 9.96, left: 361),
      stage(
        "train", 0, of: 5, rate: 120, left: 20_000,
        units: [
          UnitStatus(name: "train m-rnn fold 1", done: 0, total: 300, epoch: 1, epochs: 20),
          UnitStatus(
            name: "train m-dense fold 2", done: 30, total: 300, epoch: 3, epochs: 20, logLoss: 0.08125, secondsLeft: 99),
        ]),
    ],
    sources: [
      SourceStatus(
        id: "raw", state: "downloading", bytes: 1_500_000, totalBytes: 3_000_000_000, bytesPerSecond: 12_345_678,
        secondsLeft: 242, peers: 5, seeds: 1, prefixBytes: 1_000_000, members: 3, note: "the disk is slow"),
      SourceStatus(
        id: "old", state: "complete", bytes: 999, totalBytes: 999, bytesPerSecond: nil, members: 120, rejects: 3,
        problem: nil),
    ],
    clips: ClipCounts(total: 120, decoded: 56, partial: 1, unreadable: 3, pending: 60, labelled: 40, scored: 7),
    ensemble: EnsembleStatus(
      run: "r", clips: 80, logLoss: 0.07654, priorLogLoss: 0.0912, finishedAt: now.addingTimeInterval(-7300),
      classes: [], remarks: ["the stack makes the ensemble"]),
    submission: SubmissionStatus(
      path: "/state/output/submission-1.csv", publishedAt: now.addingTimeInterval(-3), rows: 40, rowsFromPriors: 2,
      digest: "d"),
    problems: [
      ProblemStatus(
        since: now.addingTimeInterval(-200_000), subject: "labels", message: "labels.csv:3: twice",
        next: "correct the file"),
      ProblemStatus(since: now.addingTimeInterval(60), subject: "clock", message: "it went back", next: nil),
    ])

  private func lines(
    _ report: StatusReport, columns: Int = 80, colour: Bool = false, wraps: Bool = false
  ) -> [String] {
    StatusText(columns: columns, hasColour: colour, wraps: wraps).lines(report, now: Self.now)
  }

  private func text(_ report: StatusReport, columns: Int = 80, colour: Bool = false) -> String {
    lines(report, columns: columns, colour: colour).joined(separator: "\n")
  }

  @Test func nothingToDo() {
    #expect(
      text(Self.quiet) == """
        waiting for clips

        stage                                         done  failed      rate        left
        download                                         0       0
        extract                                     0 of 0       0

        clips: 0 (0 decoded), 0 labelled, 0 scored
        """)
  }

  @Test func muchToDo() {
    #expect(
      text(Self.busy) == """
        extracting features

        stage                                        done  failed       rate        left
        download  .........................        1 of 1       0  12.3 MB/s       4 min
        unpack    #########################        1 of 1       0
        extract   ############.............     60 of 120       2   10.0/min       6 min
        train     .........................        0 of 5       0    120/min  5 h 33 min

        under way               epoch  log loss  left at most
        train m-rnn fold 1    1 of 20
        train m-dense fold 2  3 of 20    0.0813         2 min

        source raw: downloading, 1.5 MB of 3.0 GB, 12.3 MB/s, 4 min left, 5 peers, 1 seed, whole up to 1.0 MB, 3 files unpacked
          the disk is slow
        source old: complete, 999 B of 999 B, 120 files unpacked, 3 left out

        clips: 120 (56 decoded, 1 in part, 3 unreadable, 60 waiting), 40 labelled, 7 scored

        ensemble: mean log loss 0.0765, answering the priors 0.0912; 80 labelled clips, 2 h 1 min ago
          the stack makes the ensemble

        submission: 40 rows, 2 of them answered with the priors, just now
          /state/output/submission-1.csv

        problems:
          labels: labels.csv:3: twice (2 days ago)
            -> correct the file
          clock: it went back (just now)
        """)
  }

  /// In the middle of every stage: nothing is wider than the terminal but words that are, and nothing is lost by that.
  @Test(arguments: StatusStages.all.map(\.name), [30, 80, 100, 160])
  func noLineIsWiderThanTheTerminal(stage: String, columns: Int) throws {
    let report = try #require(StatusStages.all.first { $0.name == stage }?.report)
    let shown = lines(report, columns: columns, wraps: true)
    if ProcessInfo.processInfo.environment["PRIMATRIX_SHOW_STATUS"] == "\(columns)" {
      print((["", "--- \(stage), \(columns) columns"] + shown).joined(separator: "\n"))
    }
    for line in shown where line.count > columns {
      #expect(line.split(separator: " ").contains { $0.count + 8 > columns }, "\(line.count): \(line)")
    }
    let coloured = lines(report, columns: columns, colour: true, wraps: true)
    #expect(coloured.map(plain) == shown)
    func words(_ lines: [String]) -> [Substring] { lines.joined(separator: " ").split(separator: " ") }
    #expect(words(shown) == words(lines(report, columns: columns)))
  }

  /// The columns of the table stand below each other.
  @Test(arguments: StatusStages.all.map(\.name), [80, 160]) func theTableIsAligned(stage: String, columns: Int) throws {
    let report = try #require(StatusStages.all.first { $0.name == stage }?.report)
    let shown = lines(report, columns: columns, wraps: true)
    let head = try #require(shown.firstIndex { $0.hasPrefix("stage") })
    let end = try #require(shown[head].range(of: "failed")?.upperBound)
    let place = shown[head].distance(from: shown[head].startIndex, to: end)
    for (line, stage) in zip(shown[(head + 1)...], report.stages) {
      #expect(line.prefix(place).hasSuffix(" \(stage.failed)"), "\(line)")
    }
  }

  @Test(
    arguments: [
      ("a b c", 5, ["a b c"]), ("a b cd", 5, ["a b", "  cd"]), ("  aa bb cc", 7, ["  aa bb", "  cc"]),
      ("x /a/long/path y", 8, ["x", "  /a/long/path", "  y"]), ("", 5, [""]), ("abcdefgh", 3, ["abcdefgh"]),
      ("a  b", 3, ["a ", "  b"]), ("\u{1B}[31mab\u{1B}[0m cd", 5, ["\u{1B}[31mab\u{1B}[0m cd"]),
    ] as [(String, Int, [String])]) func longLinesAreBroken(line: String, width: Int, lines: [String])
  {
    #expect(TextLayout.wrap(line, width: width, hanging: 2) == lines)
  }

  private func plain(_ line: String) -> String {
    ["32", "31", "33", "36", "2", "0"].reduce(line) { $0.replacingOccurrences(of: "\u{1B}[\($1)m", with: "") }
  }

  @Test(
    arguments: [
      (31_000, "31000/min"), (10, "10/min"), (9.96, "10.0/min"), (1, "1.0/min"), (0.5, "30.0/h"), (0.023, "1.4/h"),
      (0.01, "14.4/day"), (0.0001, "0.1/day"), (0, ""), (-1, ""), (.nan, ""),
    ] as [(Double, String)]) func rates(perMinute: Double, text: String)
  {
    #expect(Words.rate(perMinute: perMinute) == text)
  }

  @Test func manyRemarksAreCounted() {
    var report = Self.busy
    report.ensemble?.remarks = (1...6).map { "remark \($0)" }
    let all = text(report)
    #expect(all.contains("  remark 4\n  2 more remarks in output/report.html\n") && !all.contains("remark 5"))
  }

  @Test(arguments: [(200, 30), (80, 25), (65, 10), (64, 0), (0, 0), (-5, 0)])
  func barsFollowTheTerminal(columns: Int, width: Int) {
    let line = lines(Self.busy, columns: columns).first { $0.hasPrefix("unpack ") }
    #expect(line?.count { $0 == "#" } == width)
  }

  @Test func coloursOnlyWhereTheyAreWanted() {
    #expect(!text(Self.busy).contains("\u{1B}"))
    let coloured = text(Self.busy, colour: true)
    #expect(
      coloured.contains("\u{1B}[36mextracting features\u{1B}[0m") && coloured.contains("\u{1B}[31m     2\u{1B}[0m"))
    var plain = coloured
    for code in ["32", "31", "36", "2", "0"] { plain = plain.replacingOccurrences(of: "\u{1B}[\(code)m", with: "") }
    #expect(plain == text(Self.busy))
  }

  /// Names and messages are strangers' text.
  @Test func hostileTextIsHarmless() {
    var report = Self.busy
    let evil = "\u{1B}]0;owned\u{7}\n\u{202E}gpm.a\u{9B}31m\u{0}"
    report.headline = evil
    report.submission?.path = BytePath("/x/\(evil)")
    report.problems[0].subject = evil
    report.problems[0].message = evil
    report.problems[0].next = evil
    report.sources[0].id = evil
    report.sources[0].state = evil
    report.stages[0].name = evil
    report.stages[3].units[0].name = evil
    report.ensemble?.remarks[0] = evil
    #expect(lines(report).count == lines(Self.busy).count)
    for scalar in lines(report).joined().unicodeScalars {
      #expect(scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value) && scalar.value != 0x202E)
    }
  }

  @Test(arguments: [
    (0.0, "0 s"), (0.2, "1 s"), (89, "89 s"), (90, "2 min"), (3600, "60 min"), (5399, "90 min"), (5400, "1 h 30 min"),
    (172_799, "47 h 59 min"), (172_800, "2 days"), (1e12, "11574 days"), (-5, "0 s"), (.infinity, "11574 days"),
  ]) func times(seconds: Double, text: String) { #expect(Words.time(seconds) == text) }

  @Test(arguments: [
    (Int64(0), "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_950, "1.0 MB"),
    (1_500_000, "1.5 MB"),
    (999_999_999_999, "1.00 TB"), (2_500_000_000_000, "2.50 TB"),
  ]) func sizes(bytes: Int64, text: String) { #expect(Words.bytes(bytes) == text) }
}
