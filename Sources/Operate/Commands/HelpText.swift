internal import Control
internal import Vocabulary

/// Every command and its help.
package enum HelpText {
  package static let commands: [CommandSpec] = [
    CommandSpec(
      name: "start", summary: "start the daemon, by systemd where it is a service", options: ["json": .nothing],
      words: 0,
      help: """
        Usage: primatrixctl start [--json]

        Starts primatrixd and returns when it answers. Where systemd has the service primatrixd, systemd starts it (and
        restarts it, and keeps its log in the journal). Elsewhere it becomes a process of yours in the background, with
        its log in state_dir/primatrixd.log. When it runs already, that is said and no error. When it does not come, what
        check-config finds and the last lines of its log say why.

          --json   what happened, as one JSON object
        """),
    CommandSpec(
      name: "stop", summary: "stop the daemon; what was under way goes on at the next start",
      options: ["json": .nothing], words: 0,
      help: """
        Usage: primatrixctl stop [--json]

        Asks primatrixd to end and waits until it has. Nothing that was finished is lost. Of a service the socket is closed
        too, so that no question starts it again. When it does not run, that is said and no error.

          --json   what happened, as one JSON object
        """),
    CommandSpec(
      name: "reload", summary: "have the configuration read again while the daemon runs", options: ["json": .nothing],
      words: 0,
      help: """
        Usage: primatrixctl reload [--json]

        The daemon reads its configuration again and says what has changed at once and what waits for a restart. At once:
        [schedule], [features] workers, and sources that were added. What is under way goes on. A file with a mistake is
        refused (exit status 78), and what was in force stays. `systemctl reload primatrixd` and SIGHUP do the same.

          --json   what happened, as one JSON object
        """),
    CommandSpec(
      name: "restart", summary: "stop the daemon and start it again", options: ["json": .nothing], words: 0,
      help: """
        Usage: primatrixctl restart [--json]

        As `primatrixctl stop` and then `primatrixctl start`: the configuration is read again, and what was under way goes
        on.

          --json   what happened, as one JSON object a line
        """),
    CommandSpec(
      name: "status", summary: "what it is at, what is done, what stands in the way",
      options: ["json": .nothing, "watch": .nothing], words: 0,
      help: """
        Usage: primatrixctl status [--watch | --json]

        For each stage: done, total, failed, rate, time left; for each training its epoch, its log loss and time left; the
        log loss of the newest ensemble by its out-of-fold predictions; the newest submission; problems, each with what to
        do.

          --watch, -w   again every second, until Ctrl-C
          --json        everything, as one JSON object
        """),
    CommandSpec(
      name: "sources", summary: "how far each source is", options: ["json": .nothing], words: 0,
      help: """
        Usage: primatrixctl sources [--json]

        For each source of the configuration: its state, bytes, rate, time left, peers or mirrors, files unpacked, and each
        that was left out, with the reason.

          --json   one JSON object a line
        """),
    CommandSpec(
      name: "clips", summary: "every clip and its state",
      options: ["state": .oneOf(ClipQuery.states), "json": .nothing], words: 0,
      help: """
        Usage: primatrixctl clips [--state STATE] [--json]

        One line a clip in the order of arrival: state, size, path, and the reason why it could not be decoded (whole).

          --state STATE   pending, decoded, partial or unreadable
          --json          one JSON object a line

        Example: primatrixctl clips --state unreadable
        """),
    CommandSpec(
      name: "clip", summary: "everything that is known of one clip", options: ["json": .nothing], words: 1,
      help: """
        Usage: primatrixctl clip NAME [--json]

        Its state and the reason, its files and which source brought them, what its container says, which features it has
        and waits for, its labels, and its newest scores. NAME is a path, the end of one behind a slash, or the first eight
        or more digits of the SHA-256 of its content.

          --json   one JSON object

        Example: primatrixctl clip IMG_0042.MP4
        """),
    CommandSpec(
      name: "submission", summary: "where the newest submission is, or a copy of it",
      options: ["output": .file, "json": .nothing],
      words: 0,
      help: """
        Usage: primatrixctl submission [--output FILE | --json]

        Prints the path of the newest submission. It changes when clips or labels have arrived; output/latest.csv below
        state_dir always leads to it.

          --output FILE, -o FILE   copy it to FILE, whole or not at all; - for standard output
          --json                   its path, rows, time and digest, as one JSON object
        """),
    CommandSpec(
      name: "report", summary: "how good the newest ensemble is", options: ["json": .nothing], words: 0,
      help: """
        Usage: primatrixctl report [--json]

        Prints the path of output/report.html, and its main numbers: log loss, average precision, calibration, the blank
        filter, each class, all by predictions of models that had not seen the clip, with 95 % intervals.

          --json   everything, as output/report.json has it
        """),
    CommandSpec(
      name: "runs", summary: "the ensembles that were trained", options: ["json": .nothing], words: 0,
      help: """
        Usage: primatrixctl runs [--json]

        One line a run, newest first: its folder below runs, its state (training; current, which scores new clips; earlier),
        when it was planned and finished, labelled clips, and its log loss beside that of answering the priors.

          --json   one JSON object a line
        """),
    CommandSpec(
      name: "backbones", summary: "which networks are installed", options: ["measure": .nothing, "json": .nothing],
      words: 0,
      help: """
        Usage: primatrixctl backbones [--measure] [--json]

        Every network in features.backbone_dir and the built-in one: its features, which frames it sees, its digest,
        licence and origin, and what is wrong with it.

          --measure   how fast each is on one thread of this machine; compiles it first, which takes a while
          --json      one JSON object a line
        """),
    CommandSpec(
      name: "pause", summary: "begin nothing new until `resume`", options: ["json": .nothing], words: 0,
      help: """
        Usage: primatrixctl pause [--json]

        What is under way ends; nothing new is fetched, unpacked, extracted, trained, scored or published. It stays so over a
        restart and a reboot.

          --json   what happened, as one JSON object
        """),
    CommandSpec(
      name: "resume", summary: "go on after `pause`", options: ["json": .nothing], words: 0,
      help: "Usage: primatrixctl resume [--json]"),
    CommandSpec(
      name: "retrain", summary: "learn from new labels now, before the schedule says so", options: ["json": .nothing],
      words: 0,
      help: """
        Usage: primatrixctl retrain [--json]

        Training begins when everything that is coming has come, however few labels are new ([schedule] retrain_every and
        retrain_new_labels say when it begins by itself). Without a new label, or another setting, there is nothing to learn
        and nothing happens: the same input gives the same ensemble.

          --json   what happened, as one JSON object
        """),
    CommandSpec(
      name: "rescore", summary: "score and publish what is there now", options: ["json": .nothing], words: 0,
      help: """
        Usage: primatrixctl rescore [--json]

        Scores the clips that have features and no score, and publishes a submission even while more is coming. Nothing is
        published when nothing in it has changed.

          --json   what happened, as one JSON object
        """),
    CommandSpec(
      name: "retry", summary: "try again what failed", options: ["json": .nothing], words: .max,
      help: """
        Usage: primatrixctl retry [NAME]... [--json]

        What waits because something failed begins again at once: stages, sources, and clips that were set aside because
        their workers had died. With names, just those: sources by their id, and clips as `primatrixctl clip` takes them,
        unreadable ones too (after an update of FFmpeg, say).

          --json   what happens now, as one JSON object
        """),
    CommandSpec(
      name: "logs", summary: "what the daemon has logged", options: ["follow": .nothing, "json": .nothing],
      words: 0,
      help: """
        Usage: primatrixctl logs [--follow] [--json]

        The last hundred lines: of the journal where primatrixd is a service, else of state_dir/primatrixd.log.

          --follow, -f   and what comes, until Ctrl-C
          --json         the journal's records with their fields, an object a line
        """),
    CommandSpec(
      name: "check-config", summary: "whether the configuration is good", options: ["json": .nothing], words: 1,
      help: """
        Usage: primatrixctl check-config [FILE] [--json]

        Reads the configuration, the label file, the submission format and the backbones that it names, networks
        included, and tells every problem with file and line. Exit status 0 when all is good, 78 when not.

          --json   remarks and problems, as one JSON object
        """),
    CommandSpec(
      name: "doctor", summary: "whether this machine is fit, and how long the data set takes here",
      options: ["json": .nothing], words: 0,
      help: """
        Usage: primatrixctl doctor [--json]

        Looks at what the configuration names and at the machine: daemon, labels, permissions, disk, processor, memory,
        sandbox, clock, inotify, port, sources, OpenVINO and each network. Each line is ok, a warning, or failed, with what
        to do. Then it measures each network, and one clip if there is any, and estimates how long the features of the data
        set take here. Best run as root, who sees all. Exit status 0 when nothing has failed, 78 for a wrong configuration,
        else 69.

          --json   everything, as one JSON object
        """),
    CommandSpec(
      name: "completion", summary: "print the completion of a shell", options: [:], words: 1,
      help: """
        Usage: primatrixctl completion bash|zsh|fish

        Prints what makes the shell complete primatrixctl's commands and options. The Debian package installs all three. By
        hand, for bash: primatrixctl completion bash >~/.local/share/bash-completion/completions/primatrixctl
        """),
    CommandSpec(
      name: "version", summary: "print the version", options: ["json": .nothing], words: 0,
      help: "Usage: primatrixctl version [--json]"),
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
