import Commands
import Testing

struct CommandLineTests {
  private func parse(_ line: String) throws -> ParsedCommand {
    try CommandLineParser.parse(line.split(separator: " ").map(String.init), commands: HelpText.commands)
  }

  @Test(arguments: [
    ("", ParsedCommand(name: "help")), ("help", ParsedCommand(name: "help")),
    ("help status", ParsedCommand(name: "help", words: ["status"])),
    ("status --help", ParsedCommand(name: "help", words: ["status"])),
    ("-h clips", ParsedCommand(name: "help", words: ["clips"])),
    ("--help", ParsedCommand(name: "help")), ("--version", ParsedCommand(name: "version")),
    ("-V", ParsedCommand(name: "version")),
    ("status --json", ParsedCommand(name: "status", options: ["json": ""])),
    ("status -w", ParsedCommand(name: "status", options: ["watch": ""])),
    ("clips --state unreadable --json", ParsedCommand(name: "clips", options: ["state": "unreadable", "json": ""])),
    ("--state=partial clips", ParsedCommand(name: "clips", options: ["state": "partial"])),
    ("clips --state=", ParsedCommand(name: "clips", options: ["state": ""])),
    ("--config a.toml --socket s status", ParsedCommand(name: "status", options: ["config": "a.toml", "socket": "s"])),
    ("submission -o -", ParsedCommand(name: "submission", options: ["output": "-"])),
    ("submission --output=a=b.csv", ParsedCommand(name: "submission", options: ["output": "a=b.csv"])),
    ("check-config -- --odd-name", ParsedCommand(name: "check-config", words: ["--odd-name"])),
    ("check-config a.toml", ParsedCommand(name: "check-config", words: ["a.toml"])),
  ]) func lines(line: String, command: ParsedCommand) throws { #expect(try parse(line) == command) }

  @Test(arguments: [
    ("stats", "there is no command stats; did you mean status?"),
    ("Status", "there is no command Status; did you mean status?"),
    ("frobnicate", "there is no command frobnicate; see primatrixctl help"),
    ("status --jsn", "there is no option --jsn; did you mean --json?"),
    ("status --frobnicate", "there is no option --frobnicate; see primatrixctl help"),
    ("status -x", "there is no option -x; see primatrixctl help"),
    ("status -json", "there is no option -json; did you mean --json?"),
    ("status --output x", "status has no option --output; see primatrixctl help status"),
    ("clips --state", "--state wants a value"),
    ("--config", "--config wants a value"),
    ("status --json=1", "--json takes no value"),
    ("status now", "status does not know what to do with now; see primatrixctl help status"),
    ("check-config a b", "check-config does not know what to do with b; see primatrixctl help check-config"),
  ]) func mistakes(line: String, message: String) {
    let failure = #expect(throws: CommandFailure.self) { try parse(line) }
    #expect(failure?.status == .usage)
    #expect(failure?.message == message)
  }

  @Test(arguments: HelpText.commands.map(\.name)) func everyCommandHasHelp(name: String) throws {
    let command = try #require(HelpText.commands.first { $0.name == name })
    let help = try HelpText.of(name)
    #expect(help.hasPrefix("Usage: primatrixctl \(name)"))
    for option in command.options.keys { #expect(help.contains("--\(option)"), "\(option) is not explained") }
    #expect(HelpText.overview.contains("  \(name) ") && HelpText.overview.contains(command.summary))
    for line in (help + "\n" + HelpText.overview).split(separator: "\n") { #expect(line.count <= 120, "\(line)") }
  }

  @Test func theOverviewTellsWhatHoldsEverywhere() {
    for word in ["--config", "--socket", "PRIMATRIX_CONFIG", "64", "69", "78"] {
      #expect(HelpText.overview.contains(word))
    }
  }
}
