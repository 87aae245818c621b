import Foundation
import Pipeline
import Testing
import Vocabulary

@Suite struct WarmStartTests {
  private static let clips = 2000

  private static func clip(_ number: Int) -> ClipID { ClipID(Digest(of: Data("\(number)".utf8))) }

  private static let key = StageKey(Digest(of: Data("run".utf8)))
  private static let full = StageKey(Digest(of: Data("full".utf8)))

  private static func rows(_ numbers: Range<Int>) -> [ClipID: WarmStart.Before.Row] {
    Dictionary(
      uniqueKeysWithValues: numbers.map { (clip($0), .init(labels: Labels([$0 % 2 == 0, $0 % 3 == 0]), fold: $0 % 5)) })
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var before = WarmStart.Before(run: key, warm: nil, logLoss: 0.05, rows: rows(0..<clips))
    var now = rows(0..<clips)
    var warm: WarmStart?
    var testDescription: String { name }

    init(
      _ name: String, warm: WarmStart? = nil, _ change: (inout Case) -> Void
    ) {
      self.name = name
      self.warm = warm
      change(&self)
    }
  }

  private static func began(changed: Int, fullLogLoss: Double = 0.05) -> WarmStart {
    WarmStart(run: full, changed: changed, fullLogLoss: fullLogLoss)
  }

  static let cases = [
    Case("nothing is new") { _ in },
    Case("some labels are new", warm: WarmStart(run: key, changed: 200, fullLogLoss: 0.05)) { $0.now = rows(0..<2200) },
    Case("too many are new") { $0.now = rows(0..<2300) },
    Case("a clip is labelled otherwise", warm: WarmStart(run: key, changed: 1, fullLogLoss: 0.05)) {
      $0.now[clip(7)]?.labels = Labels([true, true])
    },
    Case("clips are gone", warm: WarmStart(run: key, changed: 10, fullLogLoss: 0.05)) { $0.now = rows(0..<1990) },
    Case("one goes as another comes", warm: WarmStart(run: key, changed: 2, fullLogLoss: 0.05)) {
      $0.now = rows(1..<2001)
    },
    Case("a clip is in another fold: its weights have seen it") {
      $0.now = rows(0..<2010)
      $0.now[clip(7)]?.fold = 3
    },
    Case("few clips are trained on soon enough") {
      $0.before.rows = rows(0..<980)
      $0.now = rows(0..<999)
    },
    Case("changes add up over runs that began warm", warm: WarmStart(run: key, changed: 150, fullLogLoss: 0.05)) {
      $0.before.warm = began(changed: 140)
      $0.now = rows(0..<2010)
    },
    Case("until they are too many") {
      $0.before.warm = began(changed: 195)
      $0.now = rows(0..<2010)
    },
    Case("a warm run that is a little worse", warm: WarmStart(run: key, changed: 110, fullLogLoss: 0.05)) {
      $0.before.warm = began(changed: 100)
      $0.before.logLoss = 0.0509
      $0.now = rows(0..<2010)
    },
    Case("one that is worse") {
      $0.before.warm = began(changed: 100)
      $0.before.logLoss = 0.0511
      $0.now = rows(0..<2010)
    },
  ]

  @Test(arguments: cases) func whatAllowsIt(_ example: Case) {
    #expect(WarmStart.after(example.before, rows: example.now) == example.warm)
  }
}
