internal import Control
internal import Foundation
internal import Settings
internal import Vocabulary

struct ClipsCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    var query = ClipQuery(state: command.options["state"])
    if let state = query.state, !ClipQuery.states.contains(state) {
      let hint = nearest(to: state, in: ClipQuery.states).map { "; did you mean \($0)?" } ?? ""
      throw CommandFailure(
        .usage, "--state is one of \(ClipQuery.states.joined(separator: ", "))\(hint)")
    }
    let client = try Place(command).client()
    while true {
      let page: ClipPage
      do {
        page = try client.clips(query)
      } catch {
        throw CommandFailure(error)
      }
      for clip in page.clips { print(command.has("json") ? ControlJSON.line(clip) : Self.line(clip)) }
      guard let next = page.next else { return }
      query.after = next
    }
  }

  private static func line(_ clip: ClipPage.Row) -> String {
    let path = clip.path.map { $0.display.harmless } ?? "(no file any more) \(clip.clip)"
    let reason = clip.reason.map { "  (\($0.harmless))" } ?? ""
    return clip.state.padded(12) + Words.bytes(clip.bytes).padded(before: 10) + "  \(path)\(reason)"
  }
}
