import Foundation
import Submitting
import TestSupport
import Testing
import Vocabulary

private func submission(_ rows: [Submission.Row], priors: [Float] = [0.25, 0.75]) throws -> Submission {
  Submission(classes: try ClassList(["bird", "large, wild ungulate"]), rows: rows, priors: priors)
}

struct SubmissionTests {
  @Test func orderNamesAndQuotesAreThoseOfTheRows() throws {
    let csv = try submission([
      .init(name: "z.mp4", answer: .scored([0.5, 1])), .init(name: "a, b.mp4", answer: .scored([0, 0.1])),
      .init(name: "Taï/say \"hi\".avi", answer: .prior(reason: "unreadable")),
    ]).csv()
    #expect(
      String(decoding: csv, as: UTF8.self) == """
        filename,bird,"large, wild ungulate"
        z.mp4,0.5,1.0
        "a, b.mp4",0.0,0.100000001
        "Taï/say ""hi"".avi",0.25,0.75

        """)
  }

  @Test(arguments: [
    (Float(0), "0.0"), (1, "1.0"), (1e-5, "0.00001"), (0.99999, "0.999989986"), (1e-10, "0.0"),
    (Float(1).nextDown, "0.99999994"), (0.123456789, "0.123456791"),
  ]) func numbersHaveNoExponentAndNoLocale(value: Float, text: String) throws {
    let csv = try submission([.init(name: "a", answer: .scored([value, 0]))]).csv()
    #expect(String(decoding: csv, as: UTF8.self).hasSuffix("\na,\(text),0.0\n"))
  }

  @Test(arguments: [
    [Float.nan, 0], [.infinity, 0], [-0.001, 0], [1.001, 0], [0.5], [0.5, 0.5, 0.5], [],
  ]) func whatIsNoProbabilityIsNeverWritten(values: [Float]) throws {
    let bad = try submission([
      .init(name: "good", answer: .scored([0, 0])), .init(name: "bad", answer: .scored(values)),
    ])
    let error = #expect(throws: SubmissionError.self) { try bad.csv() }
    #expect(error?.name == "bad")
    let priors = try submission([.init(name: "bad", answer: .prior(reason: ""))], priors: values)
    #expect(throws: SubmissionError.self) { try priors.csv() }
  }
}

struct PublisherTests {
  private let noon = Date(timeIntervalSince1970: 1_795_527_782.75)
  private let good = [Submission.Row(name: "a.mp4", answer: .scored([0.5, 0.5]))]

  private func publish(
    _ rows: [Submission.Row], in directory: URL, after seconds: Double = 0
  ) throws -> PublishedSubmission {
    try Publisher(directory: BytePath(directory.path)).publish(
      submission(rows), run: "run", logLoss: 0.5, priorLogLoss: 0.75, now: noon.addingTimeInterval(seconds))
  }

  private func names(_ directory: URL) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory.path).sorted()
  }

  @Test func theNewestIsUnderThreeNames() throws {
    try Scratch.with { directory in
      let published = try publish(
        good + [
          .init(name: "b.mp4", answer: .prior(reason: "gone")), .init(name: "c.mp4", answer: .prior(reason: "gone")),
          .init(name: "d.mp4", answer: .prior(reason: "broken")),
        ], in: directory)
      let name = "submission-20261124T134302Z-\(published.digest.short).csv"
      #expect(published.path.lastComponent == BytePath(name))
      #expect(try names(directory) == ["latest.csv", "latest.json", name])
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: directory.appending(path: "latest.csv").path) == name)
      let csv = try Data(contentsOf: directory.appending(path: "latest.csv"))
      #expect(Digest(of: csv) == published.digest)
      let json = try String(contentsOf: directory.appending(path: "latest.json"), encoding: .utf8)
      #expect(
        json == """
          {
            "digest" : "\(published.digest)",
            "logLoss" : 0.5,
            "path" : "\(name)",
            "priorLogLoss" : 0.75,
            "publishedAt" : "2026-11-24T13:43:02Z",
            "reasons" : [
              {
                "names" : [
                  "b.mp4",
                  "c.mp4"
                ],
                "reason" : "gone",
                "rows" : 2
              },
              {
                "names" : [
                  "d.mp4"
                ],
                "reason" : "broken",
                "rows" : 1
              }
            ],
            "rows" : 4,
            "rowsFromPriors" : 3,
            "run" : "run"
          }

          """)
      #expect(Publisher(directory: BytePath(directory.path)).newest() == published)
    }
  }

  @Test func theSameContentIsPublishedOnce() throws {
    try Scratch.with { directory in
      let first = try publish(good, in: directory)
      let before = try names(directory)
      let record = try Data(contentsOf: directory.appending(path: "latest.json"))
      let second = try publish(good, in: directory, after: 3600)
      #expect(first.isNew && !second.isNew)
      #expect(second.path == first.path && second.digest == first.digest && second.publishedAt == first.publishedAt)
      #expect(try names(directory) == before)
      #expect(try Data(contentsOf: directory.appending(path: "latest.json")) == record)
    }
  }

  @Test func otherContentIsAFileOfItsOwnAndTheOldOneStays() throws {
    try Scratch.with { directory in
      let first = try publish(good, in: directory)
      let other = [Submission.Row(name: "a.mp4", answer: .scored([0.25, 0.5]))]
      let second = try publish(other, in: directory, after: 60)
      #expect(second.isNew && second.path != first.path)
      #expect(try names(directory).count == 4)
      // What was true before is true again: the file is there already.
      let third = try publish(good, in: directory, after: 120)
      #expect(third.isNew && third.path == first.path)
      #expect(try names(directory).count == 4)
      #expect(Publisher(directory: BytePath(directory.path)).newest()?.digest == first.digest)
    }
  }

  /// A crash may come after any step; the next call ends in the same three names.
  @Test(arguments: [["latest.json", "latest.csv"], ["latest.csv"]]) func aCrashBetweenTheSteps(lost: [String]) throws {
    try Scratch.with { directory in
      let first = try publish(good, in: directory)
      let before = try names(directory)
      for name in lost { try FileManager.default.removeItem(at: directory.appending(path: name)) }
      #expect(try publish(good, in: directory, after: 60).path == first.path)
      #expect(try names(directory) == before)
    }
  }

  @Test(arguments: ["", "{", "{}", "[1]"]) func aRecordThatIsNoneIsWrittenAnew(text: String) throws {
    try Scratch.with { directory in
      let first = try publish(good, in: directory)
      try Data(text.utf8).write(to: directory.appending(path: "latest.json"))
      #expect(Publisher(directory: BytePath(directory.path)).newest() == nil)
      #expect(try publish(good, in: directory, after: 60).path == first.path)
    }
  }

  @Test func aChangedFileIsNotTheNewest() throws {
    try Scratch.with { directory in
      let first = try publish(good, in: directory)
      try Data("tampered".utf8).write(to: URL(filePath: first.path.display))
      let second = try publish(good, in: directory, after: 60)
      #expect(second.isNew && second.path != first.path)
      #expect(try Digest(of: Data(contentsOf: directory.appending(path: "latest.csv"))) == first.digest)
    }
  }
}
