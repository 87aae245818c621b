import Commands
import Foundation
import TestSupport
import Testing

struct CompletionTests {
  private static func isInstalled(_ shell: Completion.Shell) -> Bool {
    FileManager.default.isExecutableFile(atPath: "/usr/bin/\(shell)")
  }

  /// What bash offers for the last word of a line.
  private func offers(_ words: [String]) throws -> [String] {
    let line = words.map { "'\($0)'" }.joined(separator: " ")
    let script = """
      \(Completion.script(for: .bash, commands: HelpText.commands))
      COMP_WORDS=(primatrixctl \(line)) COMP_CWORD=\(words.count)
      _primatrixctl
      printf '%s\\n' "${COMPREPLY[@]}"
      """
    return String(decoding: try Command.run("bash", ["-c", script]), as: UTF8.self).split(separator: "\n").map(
      String.init)
  }

  @Test(arguments: [
    (["st"], ["start", "stop", "status"]), (["clips", "--st"], ["--state"]),
    (["--config", "start", "clips", "--state", "un"], ["unreadable"]),
    (["clips", "--state", "p"], ["pending", "partial"]),
    (["help", "che"], ["check-config"]), (["completion", "z"], ["zsh"]), (["status", "--w"], ["--watch"]),
    (["start", "--w"], []),
  ]) func bash(words: [String], offered: [String]) throws { #expect(try offers(words) == offered) }

  @Test(
    arguments: [(Completion.Shell.bash, ["-n"]), (.zsh, ["-n"]), (.fish, ["--no-execute"])].filter { isInstalled($0.0) }
  )
  func theShellReadsIt(shell: Completion.Shell, check: [String]) throws {
    try Scratch.with { directory in
      let file = directory.appending(path: "completion")
      try Completion.script(for: shell, commands: HelpText.commands).write(to: file, atomically: true, encoding: .utf8)
      try Command.run("\(shell)", check + [file.path])
    }
  }

  @Test(arguments: Completion.Shell.allCases) func everyCommandAndOptionIsThere(shell: Completion.Shell) {
    let script = Completion.script(for: shell, commands: HelpText.commands)
    for command in HelpText.commands {
      #expect(script.contains(command.name))
      for option in command.options.keys { #expect(script.contains(option), "\(command.name) --\(option)") }
    }
  }
}

/// The manual page says what the program does.
struct ManualPageTests {
  @Test func everyCommandAndOptionIsExplained() throws {
    let page = try String(contentsOf: Checkout.root.appending(path: "docs/man/primatrixctl.1"), encoding: .utf8)
      .replacing("\\-", with: "-")
    // An entry begins with its commands and options: .BR pause ", " resume " [" --json ]
    func words(_ entry: String) -> Set<String> {
      Set((entry.split(separator: "\n").first ?? "").split { !$0.isLetter && $0 != "-" }.map(String.init))
    }
    let entries = page.components(separatedBy: ".TP\n")
    for command in HelpText.commands {
      let entry = try #require(
        entries.first { words($0).contains(command.name) }, "\(command.name) is not in primatrixctl(1)")
      for option in command.options.keys {
        #expect(entry.contains("--\(option)"), "\(command.name) --\(option)")
      }
    }
  }

  /// primatrixd(8) has the options that the daemon's own help has, and no other.
  @Test func everyOptionOfTheDaemonIsExplained() throws {
    let page = try String(contentsOf: Checkout.root.appending(path: "docs/man/primatrixd.8"), encoding: .utf8)
      .replacing("\\-", with: "-")
    let help = String(
      decoding: try Command.run(Checkout.products.appending(path: "primatrixd").path, ["--help"]), as: UTF8.self)
    func options(_ text: String) -> Set<String> { Set(text.matches(of: /--[a-z-]+/).map { String($0.output) }) }
    #expect(options(help).count >= 3)
    let section = page.split(separator: ".SH ").first { $0.hasPrefix("OPTIONS") }
    #expect(options(String(section ?? "")) == options(help))
  }

  /// The page and the help name the same exit statuses, all of the program's own.
  @Test func everyExitStatusIsExplained() throws {
    let page = try String(contentsOf: Checkout.root.appending(path: "docs/man/primatrixctl.1"), encoding: .utf8)
    let table = page.split(separator: "\n").compactMap { line in line.prefixMatch(of: /(\d+):/).flatMap { Int32($0.1) }
    }
    #expect(table == ExitStatus.allCases.map(\.rawValue))
  }
}
