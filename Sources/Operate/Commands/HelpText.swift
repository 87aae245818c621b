internal import Vocabulary

/// Every command and its help.
package enum HelpText {
  package static let commands: [CommandSpec] = [
    CommandSpec(
      name: "start", summary: "start the daemon, by systemd where it is a service", options: [:], words: 0,
      help: """
        Usage: primatrixctl start

        Starts primatrixd and returns when it answers. Where systemd has the service primatrixd, systemd starts it (and
        restarts it, and keeps its log in the journal). Elsewhere it becomes a process of yours in the background, with
        its log in state_dir/primatrixd.log. When it runs already, that is said and no error.
        """),
    CommandSpec(
      name: "stop", summary: "stop the daemon; what was under way goes on at the next start", options: [:], words: 0,
      help: """
        Usage: primatrixctl stop

        Asks primatrixd to end and waits until it has. Nothing that was finished is lost. When it does not run, that is
        said and no error.
        """),
    CommandSpec(
      name: "status", summary: "what it is at, what is done, what stands in the way",
      options: ["json": false, "watch": false], words: 0,
      help: """
        Usage: primatrixctl status [--watch | --json]

        For each stage: done, total, failed, rate, time left; the log loss of the newest ensemble by its out-of-fold
        predictions; the newest submission; problems, each with what to do.

          --watch, -w   again every second, until Ctrl-C
          --json        everything, as one JSON object
        """),
    CommandSpec(
      name: "clips", summary: "every clip and its state", options: ["state": true, "json": false], words: 0,
      help: """
        Usage: primatrixctl clips [--state STATE] [--json]

        One line a clip in the order of arrival: state, size, path, and the reason why it could not be decoded (whole).

          --state STATE   pending, decoded, partial or unreadable
          --json          one JSON object a line

        Example: primatrixctl clips --state unreadable
        """),
    CommandSpec(
      name: "submission", summary: "where the newest submission is, or a copy of it", options: ["output": true],
      words: 0,
      help: """
        Usage: primatrixctl submission [--output FILE]

        Prints the path of the newest submission. It changes when clips or labels have arrived; output/latest.csv below
        state_dir always leads to it.

          --output FILE, -o FILE   copy it to FILE, whole or not at all; - for standard output
        """),
    CommandSpec(
      name: "backbones", summary: "which networks are installed", options: ["measure": false, "json": false], words: 0,
      help: """
        Usage: primatrixctl backbones [--measure] [--json]

        Every network in features.backbone_dir and the built-in one: its features, which frames it sees, its digest,
        licence and origin, and what is wrong with it.

          --measure   how fast each is on one thread of this machine; compiles it first, which takes a while
          --json      one JSON object a line
        """),
    CommandSpec(
      name: "check-config", summary: "whether the configuration is good", options: [:], words: 1,
      help: """
        Usage: primatrixctl check-config [FILE]

        Reads the configuration, the label file, the submission format and the backbones that it names, networks
        included, and tells every problem with file and line. Exit status 0 when all is good, 78 when not.
        """),
    CommandSpec(
      name: "version", summary: "print the version", options: [:], words: 0, help: "Usage: primatrixctl version"),
    CommandSpec(
      name: "help", summary: "print this, or the help of a command", options: [:], words: 1,
      help: "Usage: primatrixctl help [COMMAND]"),
  ]

  package static var overview: String {
    let width = commands.map(\.name.count).max() ?? 0
    let lines = commands.map { command in
      "  \(command.name)\(String(repeating: " ", count: width - command.name.count))   \(command.summary)"
    }
    return """
      Usage: primatrixctl [--config FILE] [--socket PATH] COMMAND

      Drives primatrixd, the daemon that turns camera-trap clips into labels.

      \(lines.joined(separator: "\n"))

        --config FILE   the configuration (default /etc/primatrix/primatrix.toml, or PRIMATRIX_CONFIG)
        --socket PATH   where the daemon listens, instead of what the configuration says

      Exit status, by sysexits(3): 0 done, 64 wrong command line, 69 the daemon does not run or there is nothing yet,
      75 try again later, 77 not permitted, 78 wrong configuration.
      """
  }

  package static func of(_ name: String) throws(CommandFailure) -> String {
    guard let command = commands.first(where: { $0.name == name }) else {
      throw CommandFailure(.usage, "there is no command \(name); see primatrixctl help")
    }
    return command.help
  }
}
