import Control
import Foundation
import Vocabulary

/// A daemon in the middle of its work, some of whose words come from strangers.
enum SampleStatus {
  static let now = Date(timeIntervalSince1970: 1_795_527_782)

  static let busy = StatusReport(
    version: "1.2", pid: 42, stateDirectory: "/state", startedAt: now.addingTimeInterval(-7200),
    headline: "training: 3 of 10 folds", working: true,
    stages: [
      StageStatus(
        name: "download", done: 1, total: 2, failed: 0, running: 0, made: 1, unitsPerMinute: nil, secondsLeft: nil,
        note: nil),
      StageStatus(
        name: "train", done: 3, total: 10, failed: 1, running: 1, made: 3, unitsPerMinute: 2, secondsLeft: 240,
        note: nil,
        units: [
          UnitStatus(name: "train x fold 4", done: 5, total: 9, epoch: 2, epochs: 5, logLoss: 0.25, secondsLeft: 60)
        ]),
    ],
    sources: [
      SourceStatus(id: "raw", state: "downloading", bytes: 250_000_000, totalBytes: 1_000_000_000),
      SourceStatus(id: "more", state: "complete", bytes: 0, totalBytes: 0, note: "<b>seeds</b>"),
    ],
    clips: ClipCounts(total: 1203, decoded: 1200, partial: 1, unreadable: 2, pending: 0, labelled: 800, scored: 1201),
    ensemble: EnsembleStatus(
      run: "0123", clips: 800, logLoss: 0.0506, priorLogLoss: 0.1115, finishedAt: now.addingTimeInterval(-60),
      classes: []),
    submission: SubmissionStatus(path: "/state/a.csv", publishedAt: now, rows: 39, rowsFromPriors: 1, digest: "00"),
    problems: [
      ProblemStatus(
        since: now, subject: "labels", message: "<script>alert(1)</script>\u{202E}", next: "correct \"a&b\"")
    ], dashboard: "http://127.0.0.1:8642")

  static let quiet = StatusReport(
    version: "1.2", pid: 42, stateDirectory: "/state", startedAt: now, headline: "waiting for clips", working: false,
    paused: true, stages: [], sources: [],
    clips: ClipCounts(total: 0, decoded: 0, partial: 0, unreadable: 0, pending: 0, labelled: 0, scored: 0),
    ensemble: nil,
    submission: nil, problems: [])

  static let runs = [
    RunList.Run(
      run: "0123", state: .current, plannedAt: now, finishedAt: now, clips: 800, logLoss: 0.0506, priorLogLoss: 0.1115)
  ]
}
