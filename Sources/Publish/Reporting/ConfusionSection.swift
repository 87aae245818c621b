internal import Pages
internal import WorkUnits

/// What is taken for what.
struct ConfusionSection {
  var model: FullReport.Model

  private struct Mistake {
    var row: Int
    var column: Int
    var clips: Int
  }

  private var columns: [String] { model.classes.map(\.name) }
  private var rows: [String] { columns + ["no class"] }

  var markup: Markup {
    .element(
      "section", [],
      [
        .element("h2", [], .text("Confusion")),
        .element(
          "p", [],
          .text("What the most probable class of a clip is, by what the clip shows. The commonest mistakes:")),
        mistakes,
        .element(
          "div", [.init("class", "scroll map")],
          map.markup),
        .element(
          "p", [.init("class", "muted")],
          .text(
            "Rows: what the clip shows; columns: its most probable class. The darker a square, the larger its part of the "
              + "row; numbers are clips.")),
      ])
  }

  /// Without the last row where every clip has a class.
  private var map: ConfusionMap {
    let isWhole = model.confusion.last?.allSatisfy { $0 == 0 } ?? true
    return ConfusionMap(
      rows: isWhole ? columns : rows, columns: columns,
      counts: isWhole ? Array(model.confusion.dropLast()) : model.confusion)
  }

  private var mistakes: Markup {
    let all = model.confusion.enumerated().flatMap { row, counts in
      counts.enumerated().filter { $0.element > 0 && $0.offset != row }.map {
        Mistake(row: row, column: $0.offset, clips: $0.element)
      }
    }
    let most = all.sorted { ($1.clips, $0.row, $0.column) < ($0.clips, $1.row, $1.column) }.prefix(12)
    if most.isEmpty { return .element("p", [], .text("None.")) }
    return Cells.table(
      ["Shows", "Taken for", "Clips", "Of such clips"],
      most.map { mistake in
        let all = max(model.confusion[mistake.row].reduce(0, +), 1)
        return Cells.row(
          rows[mistake.row],
          [
            .element("td", [.init("class", "name")], .text(columns[mistake.column])),
            Cells.plain(Numbers.count(mistake.clips)),
            Cells.plain(Numbers.percent(Double(mistake.clips) / Double(all))),
          ])
      }, isPairs: true)
  }
}
