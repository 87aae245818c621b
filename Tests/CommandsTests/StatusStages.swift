import Control
import Foundation
import Vocabulary

/// A large data set on its way, in the middle of each stage.
enum StatusStages {
  static let now = Date(timeIntervalSince1970: 1_795_527_782)

  private static let models = [
    "resnet152-rnn", "inception_v4-rnn", "inception_resnet_v2-rnn", "resnet152-dense", "inception_v4-dense",
    "inception_resnet_v2-dense", "nasnetalarge-dense", "concat-dense", "concat-blank",
  ]

  private static func stage(
    _ name: String, _ done: Int, _ total: Int?, failed: Int = 0, rate: Double? = nil, left: Double? = nil,
    units: [UnitStatus] = []
  ) -> StageStatus {
    StageStatus(
      name: name, done: done, total: total, failed: failed, running: rate == nil ? 0 : 2, made: 0,
      unitsPerMinute: rate, secondsLeft: left, note: nil, units: units)
  }

  private static func report(_ headline: String, _ stages: [StageStatus], decoded: Int) -> StatusReport {
    StatusReport(
      version: "1.0", pid: 4711, stateDirectory: "/var/lib/primatrix", startedAt: now.addingTimeInterval(-90_000),
      headline: headline, working: true, stages: stages,
      sources: [
        SourceStatus(
          id: "primatrix-raw", state: "complete", bytes: 978_123_456_789, totalBytes: 978_123_456_789,
          members: 456_003, rejects: 17)
      ],
      clips: ClipCounts(
        total: 456_003, decoded: decoded - 1516, partial: 312, unreadable: 1204, pending: 456_003 - decoded,
        labelled: 203_314,
        scored: 0), ensemble: nil, submission: nil, problems: [])
  }

  private static func stages(
    download: StageStatus = stage("download", 1, 1), unpack: StageStatus = stage("unpack", 1, 1),
    extract: StageStatus = stage("extract", 456_003, 456_003, failed: 1204),
    train: StageStatus = stage("train", 0, nil), stack: StageStatus = stage("stack", 0, nil),
    score: StageStatus = stage("score", 0, nil), submit: StageStatus = stage("submit", 0, nil)
  ) -> [StageStatus] { [download, unpack, extract, train, stack, score, submit] }

  static var download: StatusReport {
    var report = report(
      "downloading primatrix-raw: 412.5 GB of 978.1 GB, 189204 files unpacked",
      stages(
        download: stage("download", 0, 1, rate: 0), unpack: stage("unpack", 0, 1, rate: 0),
        extract: stage("extract", 93_210, 189_204, failed: 480, rate: 211, left: 27_296)), decoded: 93_210)
    report.sources = [
      SourceStatus(
        id: "primatrix-raw", state: "downloading", bytes: 412_500_000_000, totalBytes: 978_123_456_789,
        bytesPerSecond: 48_200_000, secondsLeft: 11_735, uploadBytesPerSecond: 1_200_000, peers: 63, seeds: 12,
        prefixBytes: 405_800_000_000, members: 189_204, rejects: 17,
        firstRejects: [
          "raw/../../etc/passwd: its path leaves the folder", "raw/link: a symbolic link, which is never made",
        ],
        note: "the disk has 21.4 GB left above the reserve: bytes that were read are given back")
    ]
    return report
  }

  static var unpack: StatusReport {
    var report = report(
      "unpacking primatrix-raw: 401233 files",
      stages(
        unpack: stage("unpack", 0, 1, rate: 0),
        extract: stage("extract", 311_000, 401_233, failed: 900, rate: 214, left: 25_298)), decoded: 311_000)
    report.sources[0].state = "unpacking"
    report.sources[0].members = 401_233
    return report
  }

  static var extract: StatusReport {
    report(
      "extracting features: 412077 of 456003 clips, about 3 h 24 min left",
      stages(extract: stage("extract", 412_077, 456_003, failed: 1204, rate: 214.6, left: 12_281)), decoded: 412_077)
  }

  static var train: StatusReport {
    let units = models.prefix(4).enumerated().map { index, name in
      UnitStatus(
        name: "train \(name) fold \(index + 1)", done: 1_200_000, total: 3_000_000, epoch: index == 3 ? 1 : 7 + index,
        epochs: 20, logLoss: index == 3 ? nil : 0.0412 + Double(index) / 100, secondsLeft: 7300 - Double(index) * 900)
    }
    return report(
      "training: 12 of 55 folds, about 31 h 10 min left",
      stages(train: stage("train", 12, 55, rate: 0.023, left: 112_200, units: units)), decoded: 456_003)
  }

  static var stack: StatusReport {
    report(
      "judging the ensemble",
      stages(train: stage("train", 55, 55), stack: stage("stack", 0, 1, rate: 0)), decoded: 456_003)
  }

  static var score: StatusReport {
    var report = judged(
      "scoring: 131072 of 252689 clips, about 4 min left",
      stages(
        train: stage("train", 55, 55), stack: stage("stack", 1, 1),
        score: stage("score", 131_072, 252_689, rate: 31_000, left: 236)))
    report.submission = nil
    return report
  }

  static var submit: StatusReport {
    var report = judged(
      "up to date: 252689 rows in the newest submission, mean log loss 0.0101",
      stages(
        train: stage("train", 55, 55), stack: stage("stack", 1, 1), score: stage("score", 252_689, 252_689),
        submit: stage("submit", 1, 1)))
    report.working = false
    return report
  }

  private static func judged(_ headline: String, _ stages: [StageStatus]) -> StatusReport {
    var report = report(headline, stages, decoded: 456_003)
    report.clips.scored = 131_072
    report.ensemble = EnsembleStatus(
      run: "0123456789abcdef", clips: 203_314, logLoss: 0.01012, priorLogLoss: 0.0891,
      finishedAt: now.addingTimeInterval(-8000), classes: [],
      remarks: [
        "the second level makes the ensemble: its log loss out of fold is 0.0101, the models' mean has 0.0119, the best model (concat-dense) 0.0123",
        "class pangolin has 3 clips with a label: what is said of it is a guess",
        "2 classes have no clip in fold 4", "a fourth remark", "a fifth remark",
      ])
    report.submission = SubmissionStatus(
      path: "/var/lib/primatrix/output/submission-20261124T134302Z-1a2b3c4d.csv",
      publishedAt: now.addingTimeInterval(-100), rows: 252_689, rowsFromPriors: 1204, digest: "d")
    return report
  }

  static var paused: StatusReport {
    var report = extract
    report.headline = "paused: `primatrixctl resume` lets it go on; what is under way ends first"
    report.paused = true
    return report
  }

  static var problems: StatusReport {
    var report = extract
    report.sources.append(
      SourceStatus(
        id: "river-cameras-2025", state: "failed", bytes: 0, totalBytes: nil,
        problem: "https://data.example.org/river/2025/clips.tar.gz: the server answers 503"))
    report.headline =
      "source river-cameras-2025 is in trouble: https://data.example.org/river/2025/clips.tar.gz: the server answers 503"
    report.problems = [
      ProblemStatus(
        since: now.addingTimeInterval(-7000), subject: "source river-cameras-2025",
        message: "https://data.example.org/river/2025/clips.tar.gz: the server answers 503 Service Unavailable",
        next: "tried again in 8 min"),
      ProblemStatus(
        since: now.addingTimeInterval(-200_000), subject: "label names",
        message:
          "12 names have no clip on disk, such as Tai/2014/Cam 07/11080023.AVI (/etc/primatrix/train_labels.csv:1834); 2 contradict each other or fit several clips, such as b.mp4",
        next: "their rows wait; the other rows are used"),
      ProblemStatus(
        since: now.addingTimeInterval(-30), subject: "extract",
        message: "extract 9f86d081: primatrix-worker ended by signal 9 (Killed)", next: "tried again in 4 s"),
    ]
    return report
  }

  static let all: [(name: String, report: StatusReport)] = [
    ("download", download), ("unpack", unpack), ("extract", extract), ("train", train), ("stack", stack),
    ("score", score), ("submit", submit), ("paused", paused), ("problems", problems),
  ]
}
