import Control
import Foundation
import TestSupport
import Testing
import Vocabulary

/// The program itself, as a shell sees it.
struct ProgramTests {
  struct Result {
    var status: Int32
    var output: String
    var errors: String
  }

  private func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Result {
    let process = Process()
    process.executableURL = Checkout.products.appending(path: "primatrixctl")
    process.arguments = arguments
    process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    process.standardOutput = output
    process.standardError = errors
    try process.run()
    // Little is written to standard error: it fits the pipe while the other is read.
    let text = try output.fileHandleForReading.readToEnd() ?? Data()
    let words = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Result(
      status: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: words, as: UTF8.self))
  }

  @Test(
    arguments: [
      ([], 0, "Usage: primatrixctl", ""), (["help", "status"], 0, "Usage: primatrixctl status", ""),
      (["--version"], 0, "primatrixctl ", ""),
      (["stats"], 64, "", "did you mean status?"), (["help", "nothing"], 64, "", "no command nothing"),
      (["status", "--jsn"], 64, "", "did you mean --json?"),
      (["clips", "--state", "unreadble"], 64, "", "did you mean unreadable?"),
      (["\u{1B}[31mred\n"], 64, "", "there is no command \u{FFFD}[31mred"),
      (["--socket", "/proc/nonexistent/s", "status"], 69, "", "primatrixctl start"),
      (["--socket", "/proc/nonexistent/s", "clips"], 69, "", "not running"),
      (["--socket", "/proc/nonexistent/s", "sources"], 69, "", "not running"),
      (["--config", "/proc/nonexistent/c.toml", "logs"], 78, "", "No such file or directory; name another"),
      (["--socket", "/proc/nonexistent/s", "runs"], 69, "", "not running"),
      (["--socket", "/proc/nonexistent/s", "clip", "a"], 69, "", "not running"),
      (["--socket", "/proc/nonexistent/s", "retry"], 69, "", "not running"),
      (["--socket", "/proc/nonexistent/s", "report"], 69, "", "not running"),
      (["clip", "a", "b"], 64, "", "does not know what to do with b"),
      (["completion", "tcsh"], 64, "", "bash, zsh, fish"), (["completion", "bash"], 0, "complete -o", ""),
      (["--socket", "/proc/nonexistent/s", "submission"], 69, "", "not running"),
      (["--socket", "/proc/nonexistent/s", "stop"], 0, "does not run", ""),
      (["--config", "/proc/nonexistent/c.toml", "status"], 78, "", "/proc/nonexistent/c.toml"),
      (["check-config", "/proc/nonexistent/c.toml"], 78, "", "cannot be read"),
    ] as [([String], Int32, String, String)])
  func exitStatus(arguments: [String], status: Int32, output: String, errors: String) throws {
    let result = try run(arguments)
    #expect(result.status == status)
    #expect(result.output.hasPrefix(output) || result.output.contains(output))
    if errors.isEmpty {
      #expect(result.errors.isEmpty)
    } else {
      #expect(result.errors.hasPrefix("primatrixctl: ") && result.errors.contains(errors), "\(result.errors)")
      #expect(result.output.isEmpty)
    }
  }

  @Test func theConfigurationIsNamedByTheEnvironmentToo() throws {
    let result = try run(["check-config"], environment: ["PRIMATRIX_CONFIG": "/proc/nonexistent/env.toml"])
    #expect(result.status == 78 && result.errors.contains("/proc/nonexistent/env.toml"))
  }

  // MARK: check-config

  private func check(_ toml: String, files: [String: String] = [:]) throws -> Result {
    try Scratch.with { directory in
      for (name, text) in files { try Data(text.utf8).write(to: directory.appending(path: name)) }
      let file = directory.appending(path: "primatrix.toml")
      try Data("state_dir = \"state\"\n\(toml)".utf8).write(to: file)
      return try run(["check-config", file.path])
    }
  }

  @Test(arguments: [
    ("[ensemble]\nfold = 5\n", [":3: ensemble.fold: no such key", "did you mean folds?"]),
    ("[labels]\ntrain = \"missing.csv\"\n", ["labels.train", "missing.csv", "cannot be read"]),
    ("[watch]\nfolders = [\"missing\"]\n", ["watch.folders", "missing does not exist"]),
    ("[ensemble]\nmodels = [\"motion-lstm\"]\n", ["ensemble.models", "\"motion-lstm\"", "motion-rnn, motion-dense"]),
    ("[labels]\ntrain = \"bad.csv\"\n", ["labels.train", "bad.csv:1", "no column filename"]),
    (
      "[labels]\ntrain = \"labels.csv\"\nsubmission_format = \"other.csv\"\n",
      ["submission_format", "other.csv", "lion"]
    ),
    ("[features]\nbackbones = \"x\"\nfold = 1\n[watch]\nsettle = 5\n", [":3:", ":4:", ":6:"]),
  ]) func mistakesInTheConfiguration(toml: String, words: [String]) throws {
    let result = try check(
      toml,
      files: [
        "bad.csv": "name,hog\n", "labels.csv": "filename,hog\na.mp4,1\n", "other.csv": "filename,hog,lion\na.mp4,0,0\n",
      ])
    #expect(result.status == 78)
    for word in words { #expect(result.errors.contains(word), "\(result.errors)") }
  }

  @Test func aGoodConfigurationIsGoodAndTellsWhatItFound() throws {
    let result = try check(
      "[labels]\ntrain = \"labels.csv\"\nsubmission_format = \"format.csv\"\n",
      files: [
        "labels.csv": "filename,hog,bird\na.mp4,1,0\na.mp4,0,1\n\u{1B}[31m.mp4,3,0\n",
        "format.csv": "filename,bird,hog\nb.mp4,0,0\n",
      ])
    #expect(result.status == 0, "\(result.errors)")
    for word in [
      "labels.csv:3: a.mp4", "labels.csv:4: \u{FFFD}[31m.mp4", "labels: 1 clips, 2 classes", "format: 1 rows",
      "is good",
    ] {
      #expect(result.output.contains(word), "\(result.output)")
    }
    #expect(!result.output.contains("\u{1B}"))
  }

  // MARK: doctor

  private func doctor(_ toml: String, _ options: [String] = []) throws -> Result {
    try Scratch.with { directory in
      let file = directory.appending(path: "primatrix.toml")
      try Data("state_dir = \"state\"\n[control]\nsocket = \"s\"\n\(toml)".utf8).write(to: file)
      let clips = directory.appending(path: "clips")
      try FileManager.default.createDirectory(at: clips, withIntermediateDirectories: true)
      try Data().write(to: clips.appending(path: "empty.mp4"))
      return try run(["--config", file.path, "doctor"] + options)
    }
  }

  /// Whatever this machine is like: each check is there, and the estimate behind them.
  @Test func doctorLooksAtEverything() throws {
    let result = try doctor("[[source]]\nid = \"here\"\nurls = [\"/bin\"]\n")
    let subjects = [
      "configuration", "daemon", "labels", "permissions", "disk", "processor", "memory", "sandbox", "clock", "inotify",
      "source here", "OpenVINO", "backbone builtin/motion",
    ]
    let lines = result.output.split(separator: "\n")
    for subject in subjects {
      let line = lines.first { $0.dropFirst(9).hasPrefix(subject) }
      #expect(line.map { ["ok ", "warning ", "failed "].contains(where: $0.hasPrefix) } == true, "\(result.output)")
    }
    #expect(lines.last?.hasPrefix("features of each 1000 clips: about") == true, "\(result.output)")
    #expect((result.status == 0) == !result.output.contains("failed  "))
  }

  @Test func doctorFailsWhereSomethingDoes() throws {
    let toml = "[[source]]\nid = \"gone\"\ntorrent = \"gone.torrent\"\n[torrent]\nport = 0\n"
    let result = try doctor(toml)
    #expect(result.status == 69 && result.errors.contains("failed"))
    #expect(result.output.contains("failed   source gone") && result.output.contains("port            any free one"))
    let json = try doctor(toml, ["--json"])
    #expect(json.status == 69 && json.output.contains(#""subject":"source gone","verdict":"failed""#))
    #expect(json.output.contains(#""estimate":{"#) && json.output.split(separator: "\n").count == 1)
    let broken = try doctor("[bogus]\n")
    #expect(broken.status == 78 && broken.output.contains("bogus: no such key"))
  }

  // MARK: with a daemon

  private func withDaemon(_ body: (String, URL) throws -> Void) throws {
    try Scratch.with { directory in
      let socket = directory.appending(path: "s").path
      let csv = directory.appending(path: "submission.csv")
      try Data(HostileService.csv.utf8).write(to: csv)
      let server = try ControlServer(socket: BytePath(socket), service: HostileService(submission: BytePath(csv.path)))
      defer { server.stop() }
      try body(socket, directory)
    }
  }

  @Test func statusForPeopleAndPrograms() throws {
    try withDaemon { socket, _ in
      let text = try run(["--socket", socket, "status"])
      #expect(text.status == 0 && text.output.hasPrefix("waiting for clips\n"))
      let json = try run(["--socket", socket, "status", "--json"])
      #expect(try ControlJSON.decoder.decode(StatusReport.self, from: Data(json.output.utf8)) == StatusTextTests.quiet)
    }
  }

  @Test func clipsWithHostileNames() throws {
    try withDaemon { socket, _ in
      let text = try run(["--socket", socket, "clips"])
      #expect(
        text.output == """
          unreadable         1 B  a\u{FFFD}b\u{FFFD}[31m.mp4  (bad\u{FFFD}header)
          decoded         1.0 kB  Ta\u{FFFD}.avi
          pending            2 B  (no file any more) 03

          """)
      let lines = try run(["--socket", socket, "clips", "--json"]).output.split(separator: "\n")
      #expect(
        lines == [
          #"{"bytes":1,"clip":"01","path":"a\nb\u001b[31m.mp4","reason":"bad\nheader","state":"unreadable"}"#,
          #"{"bytes":1000,"clip":"02","path":{"base64":"VGHvLmF2aQ=="},"state":"decoded"}"#,
          #"{"bytes":2,"clip":"03","state":"pending"}"#,
        ])
    }
  }

  @Test func oneClipWithAHostileName() throws {
    try withDaemon { socket, _ in
      let text = try run(["--socket", socket, "clip", "b.mp4"])
      #expect(
        text.output == """
          clip 01
            state     unreadable: bad\u{FFFD}header
            size      1 B
            file      a\u{FFFD}b\u{FFFD}[31m\u{FFFD}.mp4 (in a watched folder, modified 1970-01-01T00:00:00Z)
            features  without builtin/motion, micro clip
            labels    none

          """)
      let json = try run(["--socket", socket, "clip", "b.mp4", "--json"]).output
      #expect(try ControlJSON.decoder.decode(ClipDetail.self, from: Data(json.utf8)).reason == "bad\nheader")
      let unknown = try run(["--socket", socket, "clip", "none.mp4"])
      #expect(unknown.status == 69 && unknown.errors.contains("no clip is called \u{FFFD}none"))
      #expect(try run(["--socket", socket, "clip"]).status == 64)
    }
  }

  @Test func whatFailedIsTriedAgain() throws {
    try withDaemon { socket, _ in
      #expect(try run(["--socket", socket, "retry"]).output == "tried again: []\n")
      let names = try run(["--socket", socket, "retry", "a.mp4", "raw", "--json"])
      #expect(names.output == #"{"accepted":"tried again: [\"a.mp4\", \"raw\"]"}"# + "\n")
    }
  }

  @Test func runsForPeopleAndPrograms() throws {
    try withDaemon { socket, _ in
      let lines = try run(["--socket", socket, "runs"]).output.split(separator: "\n")
      #expect(lines.count == 2 && lines[1].hasPrefix("0123456789abcdef  training  2026-11-18T11:06:40Z"), "\(lines)")
      let json = try run(["--socket", socket, "runs", "--json"]).output
      #expect(
        json
          == #"{"clips":90,"plannedAt":"2026-11-18T11:06:40Z","run":"0123456789abcdef","state":"training"}"# + "\n")
    }
  }

  @Test func aReportForPeopleAndPrograms() throws {
    try Scratch.with { directory in
      let report = directory.appending(path: "report.json")
      let socket = directory.appending(path: "s").path
      let server = try ControlServer(
        socket: BytePath(socket), service: HostileService(submission: nil, report: BytePath(report.path)))
      defer { server.stop() }
      let none = try run(["--socket", socket, "report"])
      #expect(none.status == 69 && none.errors.contains("there is no report yet"))
      try CanonicalJSON.encodePretty(ReportTextTests.report).write(to: report)
      let text = try run(["--socket", socket, "report"])
      #expect(text.status == 0 && text.output.hasPrefix("/state/output/report.html\n80 labelled clips"))
      #expect(Data(try run(["--socket", socket, "report", "--json"]).output.utf8) == (try Data(contentsOf: report)))
      try Data("{}".utf8).write(to: report)
      #expect(try run(["--socket", socket, "report"]).status == 65)
    }
  }

  @Test func aSubmissionIsCopiedWholeOrNotAtAll() throws {
    try withDaemon { socket, directory in
      let copy = directory.appending(path: "copy.csv")
      let missing = try run(["--socket", socket, "submission"])
      #expect(missing.status == 69 && missing.errors.contains("no submission yet"))
      #expect(try run(["--socket", socket, "submission", "--output", copy.path]).status == 0)
      #expect(try String(contentsOf: copy, encoding: .utf8) == HostileService.csv)
      #expect(try run(["--socket", socket, "submission", "-o", "-"]).output == HostileService.csv)
      let bad = try run(["--socket", socket, "submission", "-o", "/proc/nonexistent/x.csv"])
      #expect(bad.status == 73 && bad.errors.contains("/proc/nonexistent"))
    }
  }

  @Test(arguments: [
    (["pause", "--json"], #"{"accepted":"paused: what is under way ends, nothing new begins; "#),
    (["version", "--json"], #"{"version":""#), (["stop", "--config", "CONFIG", "--json"], "{}"),
    (["check-config", "CONFIG", "--json"], #"{"file":""#),
  ])
  func whatIsDoneIsSaidToPrograms(arguments: [String], output: String) throws {
    try withDaemon { socket, directory in
      let file = directory.appending(path: "other.toml")
      try Data("state_dir = \"state\"\n[control]\nsocket = \"nobody\"\n".utf8).write(to: file)
      let words = arguments.map { $0 == "CONFIG" ? file.path : $0 }
      let result = try run((words.contains(file.path) ? [] : ["--socket", socket]) + words)
      #expect(result.status == 0 && result.output.hasPrefix(output), "\(result)")
      #expect(result.output.hasSuffix("}\n") && result.output.count { $0 == "\n" } == 1)
    }
  }

  @Test func aWrongConfigurationIsAFindingForPrograms() throws {
    try Scratch.with { directory in
      let file = directory.appending(path: "wrong.toml")
      try Data("nonsense = 1\n".utf8).write(to: file)
      let result = try run(["check-config", file.path, "--json"])
      #expect(result.status == 78 && result.output.contains(#""problems":[""#) && result.output.contains("nonsense"))
    }
  }

  @Test func aRefusedConfigurationIsAConfigurationError() throws {
    try withDaemon { socket, _ in
      let result = try run(["--socket", socket, "reload"])
      #expect(result.status == 78 && result.output.isEmpty)
      #expect(result.errors.contains("primatrix.toml:3: \u{FFFD}[31mno such key; what was in force stays"))
    }
  }

  /// The daemon's own words, and what check-config finds besides.
  @Test func aDaemonThatDoesNotComeIsExplained() throws {
    try Scratch.with { directory in
      let file = directory.appending(path: "primatrix.toml")
      // A folder where the socket is to be: nothing that check-config looks at.
      try FileManager.default.createDirectory(at: directory.appending(path: "s"), withIntermediateDirectories: true)
      let good = "state_dir = \"state\"\n[control]\nsocket = \"s\"\n"
      try Data(good.utf8).write(to: file)
      let blocked = try run(["--config", file.path, "start"])
      #expect(blocked.status == 69, "\(blocked.errors)")
      #expect(
        blocked.errors.contains("ended at once (status 70)") && blocked.errors.contains("/s: cannot be listened at"))
      try Data("\(good)[labels]\ntrain = \"nowhere.csv\"\n".utf8).write(to: file)
      let wrong = try run(["--config", file.path, "start"])
      #expect(wrong.status == 78)
      #expect(wrong.errors.contains("check-config finds:\n  labels.train: "), "\(wrong.errors)")
    }
  }

  @Test func aDaemonThatRunsIsNotStartedAgain() throws {
    try withDaemon { socket, directory in
      let file = directory.appending(path: "primatrix.toml")
      try Data("state_dir = \"state\"\n[control]\nsocket = \"s\"\n".utf8).write(to: file)
      let result = try run(["--config", file.path, "start"])
      #expect(result.status == 0 && result.output == "primatrixd runs already (process \(getpid()))\n")
    }
  }
}

/// A daemon whose clips have the names that people get from strangers.
struct HostileService: ControlService {
  let submission: BytePath?
  var report: BytePath?
  static let csv = "filename,hog\na.mp4,0.5\n"

  func status() -> StatusReport { StatusTextTests.quiet }

  func clips(_ query: ClipQuery) throws -> ClipPage {
    if query.after == 0 {
      return ClipPage(
        clips: [
          .init(clip: "01", path: "a\nb\u{1B}[31m.mp4", state: "unreadable", reason: "bad\nheader", bytes: 1),
          .init(
            clip: "02", path: BytePath(bytes: [0x54, 0x61, 0xEF] + Array(".avi".utf8)), state: "decoded", reason: nil,
            bytes: 1000),
        ], next: 2)
    }
    return ClipPage(clips: [.init(clip: "03", path: nil, state: "pending", reason: nil, bytes: 2)], next: nil)
  }

  func ask(_ request: ControlRequest) throws {}
  func reload() throws -> String { throw NoGood() }

  struct NoGood: Error, CustomStringConvertible { var description = "primatrix.toml:3: \u{1B}[31mno such key" }
  func newestSubmission() -> BytePath? { submission }
  func newestReport() -> BytePath? { report }
  func newestReportPage() -> BytePath? { nil }
  func newestRuns() -> RunList { RunList(runs: []) }

  func clip(_ name: BytePath) throws -> ClipDetail {
    if name == "none.mp4" {
      throw ControlRefusal.unknown("no clip is called \u{1B}none", next: "see `primatrixctl clips`")
    }
    return ClipDetail(
      clip: "01", bytes: 1, state: "unreadable", reason: "bad\nheader",
      files: [
        .init(
          path: "a\nb\u{1B}[31m\u{202E}.mp4", source: nil, modified: Date(timeIntervalSince1970: 0), isPresent: true,
          isProvisional: false)
      ], video: nil, features: [.init(backbone: "builtin/motion", isThere: false)], hasMicroClip: false, labels: nil,
      fold: nil, scores: nil, run: nil)
  }

  func runs() throws -> RunList {
    RunList(
      runs: [
        .init(
          run: "0123456789abcdef", state: .training, plannedAt: Date(timeIntervalSince1970: 1_795_000_000),
          finishedAt: nil, clips: 90, logLoss: nil, priorLogLoss: nil)
      ])
  }

  func retry(_ names: [BytePath]) throws -> String { "tried again: \(names.map(\.display))" }
}
