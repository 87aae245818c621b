package import Control
package import Foundation
internal import Pages
internal import Vocabulary

/// What the daemon is at, as a page for browsers: the same facts as `primatrixctl status` and `runs`.
package struct DashboardPage: Sendable {
  private let status: StatusReport
  private let runs: [RunList.Run]
  private let hasReport: Bool
  private let now: Date

  /// Seconds after which a browser asks again.
  private static let refresh = 5

  /// - Parameter hasReport: whether `/report` has something to show.
  package init(_ status: StatusReport, runs: [RunList.Run], hasReport: Bool, now: Date) {
    self.status = status
    self.runs = runs
    self.hasReport = hasReport
    self.now = now
  }

  /// UTF-8.
  package var data: Data {
    Page(
      title: "Primatrix: \(status.headline)", refresh: Self.refresh,
      content: [header, problems, stages, trainings, sources, past]
    )
    .data
  }

  private var header: Markup {
    .element(
      "header", [], .element("h1", [], .text("Primatrix")),
      .element("p", [.init("class", "state")], .text(status.headline)),
      .element("div", [.init("class", "tiles")], tiles), links,
      .element(
        "p", [.init("class", "muted path")],
        .text(
          "Version \(status.version), begun \(Words.ago(status.startedAt, now)), in \(status.stateDirectory.display)")))
  }

  private var tiles: [Markup] {
    let clips = status.clips
    var tiles = [
      tile("Clips", "\(clips.total)", clips.figures.joined(separator: ", ")),
      tile("With a label", "\(clips.labelled)", "and features"),
      tile("Scored", "\(clips.scored)", "by the newest ensemble"),
    ]
    if let ensemble = status.ensemble {
      tiles.append(
        tile(
          "Mean log loss", Self.loss(ensemble.logLoss),
          "priors \(Self.loss(ensemble.priorLogLoss)); \(ensemble.clips) clips, \(Words.ago(ensemble.finishedAt, now))")
      )
    }
    if let submission = status.submission {
      let priors = submission.rowsFromPriors > 0 ? "\(submission.rowsFromPriors) from the priors; " : ""
      tiles.append(
        tile("Rows of the submission", "\(submission.rows)", "\(priors)\(Words.ago(submission.publishedAt, now))"))
    }
    return tiles
  }

  private func tile(_ label: String, _ value: String, _ below: String) -> Markup {
    .element(
      "div", [.init("class", "tile")], .text(label), .element("b", [], .text(value)),
      .element("small", [], .text(below)))
  }

  private var links: Markup {
    var links: [(String, String)] = []
    if hasReport { links.append(("report", "Scoring report")) }
    if status.submission != nil { links.append(("v1/submission", "Newest submission (CSV)")) }
    if status.clips.unreadable > 0 { links.append(("v1/clips?state=unreadable", "Unreadable clips (JSON)")) }
    links += [("v1/status", "Status (JSON)"), ("metrics", "Metrics")]
    return .element("nav", [], links.map { .element("a", [.init("href", $0.0)], .text($0.1)) })
  }

  private var problems: Markup {
    if status.problems.isEmpty { return .none }
    return section(
      "Problems",
      status.problems.map { problem in
        .element(
          "div", [.init("class", "problem path")],
          .element("h3", [], .text("\(problem.subject) (\(Words.ago(problem.since, now)))")),
          .element("p", [], .text(problem.message)),
          problem.next.map { .element("p", [.init("class", "muted")], .text($0)) } ?? .none)
      })
  }

  private var stages: Markup {
    let head = StageFigures.head
    return section(
      "Stages",
      [
        table(
          [head.name, "", head.done, head.failed, head.rate, head.left],
          status.stageFigures.map { stage in
            [
              .text(stage.name), stage.share.map { bar($0, stage.name) } ?? .none, .text(stage.done),
              stage.hasFailed ? .element("span", [.init("class", "other")], .text(stage.failed)) : .text(stage.failed),
              .text(stage.rate), .text(stage.left),
            ]
          })
      ])
  }

  private func bar(_ share: Double, _ name: String) -> Markup {
    .element(
      "progress",
      [.init("max", "1"), .init("value", String(format: "%.4f", share)), .init("aria-label", "\(name), share done")],
      .text("\(Int(share * 100)) %"))
  }

  /// Units of other stages are over in a moment.
  private var trainings: Markup {
    let rows = status.stages.flatMap(\.units).compactMap { unit -> [Markup]? in
      guard let epoch = unit.epoch, let epochs = unit.epochs else { return nil }
      return [
        .text(unit.name), .text("\(epoch) of \(epochs)"), .text(unit.logLoss.map(Self.loss) ?? ""),
        .text(unit.secondsLeft.map(Words.time) ?? ""),
      ]
    }
    return rows.isEmpty
      ? .none : section("Under way", [table(["training", "epoch", "log loss", "left at most"], rows)])
  }

  private var sources: Markup {
    if status.sources.isEmpty { return .none }
    return section(
      "Sources",
      [
        .element(
          "ul", [],
          status.sources.map { source in
            .element(
              "li", [.init("class", "path")], .element("b", [], .text(source.id)),
              .text(": \(source.figures.joined(separator: ", "))"),
              source.note.map { .element("small", [], .text($0)) } ?? .none)
          })
      ])
  }

  private var past: Markup {
    if runs.isEmpty { return .none }
    return section(
      "Ensembles",
      [
        table(
          ["run", "state", "planned", "finished", "labelled clips", "log loss", "priors"],
          runs.map { run in
            [
              .text(run.run), .text(run.state.rawValue), .text(run.plannedAt.formatted(.iso8601)),
              .text(run.finishedAt?.formatted(.iso8601) ?? ""), .text("\(run.clips)"),
              .text(run.logLoss.map(Self.loss) ?? ""),
              .text(run.priorLogLoss.map(Self.loss) ?? ""),
            ]
          })
      ])
  }

  // MARK: pieces

  private func section(_ title: String, _ content: [Markup]) -> Markup {
    .element("section", [], [.element("h2", [], .text(title))] + content)
  }

  private func table(_ head: [String], _ rows: [[Markup]]) -> Markup {
    let top = Markup.element("tr", [], head.map { .element("th", [.init("scope", "col")], .text($0)) })
    let body = rows.map { row in
      Markup.element(
        "tr", [],
        row.enumerated().map { $0 == 0 ? .element("th", [.init("scope", "row")], $1) : .element("td", [], $1) })
    }
    return .element(
      "div", [.init("class", "scroll")],
      .element("table", [], .element("thead", [], top), .element("tbody", [], body)))
  }

  private static func loss(_ value: Double) -> String { String(format: "%.4f", value) }
}
