internal import Control
internal import Foundation
internal import Vocabulary

struct StatusCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    let client = try Place(command).client()
    if command.has("json") { return try printJSON(client) }
    if command.has("watch") { try watch(client) }
    for line in try text(client) { print(line) }
  }

  private func printJSON(_ client: ControlClient) throws(CommandFailure) {
    let encoder = ControlJSON.encoder
    encoder.outputFormatting.insert(.prettyPrinted)
    guard let data = try? encoder.encode(try status(client)) else {
      _ = try status(client)
      throw CommandFailure(.software, "the status cannot be encoded")
    }
    print(ControlJSON.harmless(String(decoding: data, as: UTF8.self)))
  }

  /// Until Ctrl-C ends the program.
  private func watch(_ client: ControlClient) throws(CommandFailure) -> Never {
    while true {
      let lines = try text(client)
      FileHandle.standardOutput.write(Data((Terminal.page(lines).joined(separator: "\n") + "\n").utf8))
      // A program of one thread that has nothing else to do: this is the pace for the reader, not a wait for a state.
      Thread.sleep(forTimeInterval: 1)
    }
  }

  private func text(_ client: ControlClient) throws(CommandFailure) -> [String] {
    Terminal.text.lines(try status(client), now: Date())
  }

  private func status(_ client: ControlClient) throws(CommandFailure) -> StatusReport {
    do {
      return try client.status()
    } catch {
      throw CommandFailure(error)
    }
  }
}

/// What stands at the other end of standard output.
enum Terminal {
  static var text: StatusText { StatusText(columns: columns, hasColour: hasColour, wraps: isTerminal) }

  static var isTerminal: Bool { isatty(STDOUT_FILENO) == 1 }

  /// no-color.org: set to anything but nothing.
  static var hasColour: Bool { isObeyed && ProcessInfo.processInfo.environment["NO_COLOR", default: ""].isEmpty }

  /// Whether what is written may move the cursor.
  private static var isObeyed: Bool { isTerminal && ProcessInfo.processInfo.environment["TERM"] != "dumb" }

  /// Lines in place of those before them, or after them where nothing can be taken back.
  static func page(_ lines: [String]) -> [String] {
    isObeyed ? ["\u{1B}[H\u{1B}[2J" + (lines.first ?? "")] + lines.dropFirst() : lines + [""]
  }

  static var columns: Int {
    var size = winsize()
    return isTerminal && ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }
}
