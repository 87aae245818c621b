import Commands
import Control
import Foundation
import Testing
import Vocabulary
import WorkUnits

struct ReportTextTests {
  private static let bins = FullReport.Calibration(bins: [], error: .init(0.02, .init(low: 0.01, high: 0.03)))

  private static func score(_ name: String, _ positives: Int, precision: Double?) -> FullReport.ClassScore {
    .init(
      name: name, positives: positives, logLoss: .init(0.125), priorLogLoss: 0.25,
      averagePrecision: precision.map { .init($0) }, rocAUC: nil, calibration: bins, topClass: nil)
  }

  static let report = FullReport(
    clips: 80, resamples: 1000, priorLogLoss: .init(0.0912),
    stack: .init(
      name: "ensemble", logLoss: .init(0.0765, .init(low: 0.0651, high: 0.088)), overPriors: .init(0.0147),
      averagePrecision: .init(0.61), rocAUC: nil, topClass: .init(0.84), calibration: bins,
      classes: [score("hog", 12, precision: 0.71), score("bl\u{1B}ank", 0, precision: nil)], confusion: [],
      blankFilter: .init(
        blanks: 20, animals: 60, cuts: [.init(lost: 1, removed: .init(0.5, .init(low: 0.4, high: 0.6)))], curve: [])),
    members: [],
    previous: .init(
      name: "r", clips: 75, logLoss: 0.07, previousLogLoss: 0.08, gain: .init(0.01, .init(low: 0.001, high: 0.02))))

  @Test func everyNumberWithItsInterval() {
    #expect(
      ReportText.lines(Self.report).joined(separator: "\n") == """
        80 labelled clips, each judged by models that have not seen it:
          log loss            0.0765 (0.0651 to 0.0880), answering the priors 0.0912
          average precision   0.610
          ROC AUC             not defined
          top class right     0.840
          calibration error   0.020 (0.010 to 0.030)
          blanks removed      0.500 (0.400 to 0.600) while 1 % of the animals are lost
          ensemble before     0.0800 and now 0.0700 on 75 clips of both; better by 0.0100 (0.0010 to 0.0200)

        class     clips  log loss   priors  precision
        hog          12    0.1250   0.2500      0.710
        bl\u{FFFD}ank        0    0.1250   0.2500
        """)
  }
}

struct ClipTextTests {
  private static let clip = ClipDetail(
    clip: "3f", bytes: 12_345_678, state: "partial", reason: "only 9 frames could be decoded: noise",
    files: [
      .init(
        path: "/data/raw/a.mp4", source: "raw", modified: Date(timeIntervalSince1970: 1_795_000_000), isPresent: false,
        isProvisional: true)
    ],
    video: .init(
      .init(
        container: "mov,mp4", codec: "h264", width: 1920, height: 1080, decodedFrames: 9, frameCount: nil,
        frameRate: 30,
        duration: 15, bitRate: 4_200_000, hasAudio: true, captured: 1_700_000_000)),
    features: [.init(backbone: "builtin/motion", isThere: true), .init(backbone: "resnet152", isThere: false)],
    hasMicroClip: true, labels: ["hog", "bird"], fold: 3,
    scores: ["a", "b", "c", "d", "e", "f"].enumerated().map { .init(name: $1, probability: Float($0) / 8) }, run: "r")

  @Test func everythingThatIsKnown() {
    #expect(
      ClipText.lines(Self.clip).joined(separator: "\n") == """
        clip 3f
          state     partial: only 9 frames could be decoded: noise
          size      12.3 MB
          file      /data/raw/a.mp4 (from source raw, modified 2026-11-18T11:06:40Z, its archive is not checked yet, removed by retention)
          video     h264 in mov,mp4, 1920 by 1080 pixels, 30.00 frames a second, 15.0 s, 4.20 Mbit/s, with sound, captured 2023-11-14T22:13:20Z
          features  builtin/motion, micro clip; waits for resnet152
          labels    hog, bird, judged by the models that were trained without fold 3
          scores    f 0.625, e 0.500, d 0.375, c 0.250, b 0.125, 1 more below (run r)
        """)
  }

  @Test func littleThatIsKnown() {
    let clip = ClipDetail(
      clip: "3f", bytes: 1, state: "pending", reason: nil, files: [], video: nil, features: [], hasMicroClip: false,
      labels: [], fold: nil, scores: nil, run: nil)
    #expect(
      ClipText.lines(clip).joined(separator: "\n") == """
        clip 3f
          state     pending
          size      1 B
          file      none any more
          features  waits for micro clip
          labels    none of the classes
        """)
  }
}
