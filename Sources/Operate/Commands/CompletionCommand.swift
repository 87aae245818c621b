internal import Foundation

struct CompletionCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    guard let shell = command.words.first.flatMap(Completion.Shell.init) else {
      let shells = Completion.Shell.allCases.map(\.rawValue).joined(separator: ", ")
      throw CommandFailure(.usage, "completion wants the name of a shell: \(shells)")
    }
    print(Completion.script(for: shell, commands: HelpText.commands))
  }
}

/// Scripts that make a shell complete the command line, made from the table of commands.
package enum Completion {
  package enum Shell: String, CaseIterable, Sendable { case bash, zsh, fish }

  package static func script(for shell: Shell, commands: [CommandSpec]) -> String {
    switch shell {
    case .bash: bash(commands)
    case .zsh: zsh(commands)
    case .fish: fish(commands)
    }
  }

  /// By name, so that the same table gives the same script.
  private static func sorted(_ options: [String: OptionValue]) -> [(name: String, value: OptionValue)] {
    options.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// What may stand behind a command.
  private static func word(of command: CommandSpec) -> OptionValue {
    switch command.name {
    case "help": .oneOf(HelpText.commands.map(\.name))
    case "completion": .oneOf(Shell.allCases.map(\.rawValue))
    case "check-config", "clip", "retry": .file
    default: .nothing
    }
  }

  private static func bash(_ commands: [CommandSpec]) -> String {
    let all = commands.reduce(into: CommandLineParser.everywhere) { $0.merge($1.options) { first, _ in first } }
    let values = sorted(all).filter { $0.value != .nothing }.map { name, value in
      "    --\(name)) COMPREPLY=($(compgen \(bashChoice(value)) -- \"$word\")); return ;;"
    }
    let each = commands.map { command in
      let options = "options=\"\(sorted(command.options).map { "--\($0.name)" }.joined(separator: " "))\""
      let words = word(of: command)
      let choice = words == .nothing ? "" : " COMPREPLY=($(compgen \(bashChoice(words)) -- \"$word\"))"
      return "    \(command.name)) \(options)\(choice) ;;"
    }
    return """
      # bash completion for primatrixctl, made by `primatrixctl completion bash`
      _primatrixctl() {
        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command="" options="" at
        COMPREPLY=()
        case $before in
      \(values.joined(separator: "\n"))
        esac
        for ((at = 1; at < COMP_CWORD; at++)); do
          case ${COMP_WORDS[at]} in
          --config | --socket) at=$((at + 1)) ;;
          -*) ;;
          *) command=${COMP_WORDS[at]} && break ;;
          esac
        done
        case $command in
          "") COMPREPLY=($(compgen -W "\(commands.map(\.name).joined(separator: " "))" -- "$word")) ;;
      \(each.joined(separator: "\n"))
        esac
        COMPREPLY+=($(compgen -W "$options --config --socket --help" -- "$word"))
      }
      complete -o filenames -F _primatrixctl primatrixctl
      """
  }

  private static func bashChoice(_ value: OptionValue) -> String {
    if case .oneOf(let values) = value { "-W \"\(values.joined(separator: " "))\"" } else { "-f" }
  }

  private static func zsh(_ commands: [CommandSpec]) -> String {
    let names = commands.map { "    '\($0.name):\($0.summary.replacing("'", with: "'\\''"))'" }
    let each = commands.map { command in
      let options = sorted(command.options).map { " '--\($0.name)\(zshChoice($0.value, after: "="))'" }
      let words = word(of: command)
      let rest = words == .nothing ? "" : " '*\(zshChoice(words, after: ""))'"
      return "    \(command.name)) _arguments '--help'\(options.joined())\(rest) ;;"
    }
    return """
      #compdef primatrixctl
      # zsh completion for primatrixctl, made by `primatrixctl completion zsh`
      _primatrixctl() {
        local context state state_descr line
        typeset -A opt_args
        _arguments -C '--config=:file:_files' '--socket=:socket:_files' '--help' '--version' '1:command:->command' '*::word:->word'
        case $state in
        command)
          local -a commands=(
      \(names.joined(separator: "\n"))
          )
          _describe command commands ;;
        word)
          case $line[1] in
      \(each.joined(separator: "\n"))
          esac ;;
        esac
      }
      _primatrixctl "$@"
      """
  }

  private static func zshChoice(_ value: OptionValue, after sign: String) -> String {
    switch value {
    case .nothing: ""
    case .file: "\(sign):file:_files"
    case .oneOf(let values): "\(sign):word:(\(values.joined(separator: " ")))"
    }
  }

  private static func fish(_ commands: [CommandSpec]) -> String {
    var lines = [
      "# fish completion for primatrixctl, made by `primatrixctl completion fish`",
      "complete -c primatrixctl -f",
      "complete -c primatrixctl -l config -r -F -d 'the configuration'",
      "complete -c primatrixctl -l socket -r -F -d 'where the daemon listens'",
      "complete -c primatrixctl -l help",
    ]
    for spec in commands {
      let summary = spec.summary.replacing("'", with: "\\'")
      lines.append("complete -c primatrixctl -n __fish_use_subcommand -a \(spec.name) -d '\(summary)'")
      let seen = "complete -c primatrixctl -n '__fish_seen_subcommand_from \(spec.name)'"
      lines += sorted(spec.options).map { "\(seen) -l \($0.name)\(fishChoice($0.value))" }
      let words = word(of: spec)
      if words != .nothing { lines.append(seen + fishChoice(words)) }
    }
    return lines.joined(separator: "\n")
  }

  private static func fishChoice(_ value: OptionValue) -> String {
    switch value {
    case .nothing: ""
    case .file: " -r -F"
    case .oneOf(let values): " -x -a '\(values.joined(separator: " "))'"
    }
  }
}
