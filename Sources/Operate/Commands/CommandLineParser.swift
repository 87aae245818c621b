internal import Control
internal import Settings

/// One command and what may stand behind it.
package struct CommandSpec: Sendable {
  package var name: String
  package var summary: String
  /// By name, without dashes.
  package var options: [String: OptionValue]
  /// How many words may follow; `Int.max` for any number.
  package var words: Int
  package var help: String
}

/// What follows an option.
package enum OptionValue: Equatable, Sendable {
  case nothing
  case file
  case oneOf([String])
}

/// The command line, checked.
package struct ParsedCommand: Equatable, Sendable {
  package var name: String
  package var options: [String: String] = [:]
  package var words: [String] = []

  package init(name: String, options: [String: String] = [:], words: [String] = []) {
    self.name = name
    self.options = options
    self.words = words
  }

  package func has(_ option: String) -> Bool { options[option] != nil }

  /// Says what was done: to a person, or with `--json` as one object to a program.
  func tell(_ words: String, _ object: some Encodable) {
    print(has("json") ? ControlJSON.line(object) : words.harmlessLines)
  }
}

/// Reads `primatrixctl [--config FILE] [--socket PATH] COMMAND [OPTION]... [WORD]...`; options may stand anywhere, with
/// their value behind `=` or as the next word, and `--` ends them.
package enum CommandLineParser {
  package static let everywhere: [String: OptionValue] = [
    "config": .file, "socket": .file, "help": .nothing, "version": .nothing,
  ]

  package static func parse(
    _ arguments: [String], commands: [CommandSpec]
  ) throws(CommandFailure) -> ParsedCommand {
    var options: [(name: String, value: String?)] = []
    var words: [String] = []
    let known = commands.reduce(into: everywhere) { $0.merge($1.options) { first, _ in first } }
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        words += rest
        break
      }
      guard argument.hasPrefix("-"), argument != "-" else {
        words.append(argument)
        continue
      }
      options.append(try option(argument, &rest, known))
    }
    return try check(options, words, commands)
  }

  private static func option(
    _ argument: String, _ rest: inout ArraySlice<String>, _ known: [String: OptionValue]
  ) throws(CommandFailure) -> (String, String?) {
    let short = ["-h": "help", "-V": "version", "-o": "output", "-w": "watch", "-f": "follow"]
    let parts = argument.drop { $0 == "-" }.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = short[argument] ?? String(parts.first ?? "")
    guard let kind = known[name], argument.hasPrefix("--") || short[argument] != nil else {
      let hint = nearest(to: name, in: known.keys.sorted()).map { "did you mean --\($0)?" }
      throw CommandFailure(.usage, "there is no option \(argument); \(hint ?? "see primatrixctl help")")
    }
    if parts.count == 2 {
      if kind == .nothing { throw CommandFailure(.usage, "--\(name) takes no value") }
      return (name, String(parts[1]))
    }
    if kind == .nothing { return (name, nil) }
    guard let value = rest.popFirst() else { throw CommandFailure(.usage, "--\(name) wants a value") }
    return (name, value)
  }

  private static func check(
    _ options: [(name: String, value: String?)], _ words: [String], _ commands: [CommandSpec]
  ) throws(CommandFailure) -> ParsedCommand {
    if options.contains(where: { $0.name == "version" }) { return ParsedCommand(name: "version") }
    guard let name = words.first else { return ParsedCommand(name: "help") }
    guard let command = commands.first(where: { $0.name == name }) else {
      let hint = nearest(to: name, in: commands.map(\.name)).map { "did you mean \($0)?" }
      throw CommandFailure(.usage, "there is no command \(name); \(hint ?? "see primatrixctl help")")
    }
    if options.contains(where: { $0.name == "help" }) { return ParsedCommand(name: "help", words: [name]) }
    var parsed = ParsedCommand(name: name, words: Array(words.dropFirst()))
    for (option, value) in options {
      guard everywhere[option] != nil || command.options[option] != nil else {
        throw CommandFailure(.usage, "\(name) has no option --\(option); see primatrixctl help \(name)")
      }
      parsed.options[option] = value ?? ""
    }
    if parsed.words.count > command.words {
      throw CommandFailure(
        .usage, "\(name) does not know what to do with \(parsed.words[command.words]); see primatrixctl help \(name)")
    }
    return parsed
  }
}
