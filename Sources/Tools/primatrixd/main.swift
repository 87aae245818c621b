import Foundation
import Journal
import Pipeline
import Vocabulary

// The daemon: primatrixd [--config FILE]. Everything else is said in the configuration and asked through primatrixctl.

let usage = """
  Usage: primatrixd [--config FILE]

  Runs Primatrix in the foreground until SIGTERM or SIGINT; SIGHUP has it read its configuration again. That is
  /etc/primatrix/primatrix.toml unless --config, or PRIMATRIX_CONFIG in the environment, names another file. People use
  `primatrixctl start`.

    --config FILE   the configuration file
    --version       print the version
    --help          print this

  """

func complain(_ text: String) { FileHandle.standardError.write(Data("primatrixd: \(text)\n".utf8)) }

func configuration(_ arguments: [String]) -> BytePath {
  switch arguments {
  case ["--help"], ["-h"]:
    print(usage, terminator: "")
    exit(0)
  case ["--version"]:
    print("primatrixd \(Version.text)")
    exit(0)
  case []:
    return BytePath(ProcessInfo.processInfo.environment["PRIMATRIX_CONFIG"] ?? "/etc/primatrix/primatrix.toml")
  default:
    if arguments.count == 2, arguments[0] == "--config" { return BytePath(arguments[1]) }
    if arguments.count == 1, arguments[0].hasPrefix("--config=") {
      return BytePath(String(arguments[0].dropFirst("--config=".count)))
    }
    complain("unknown arguments \(arguments.joined(separator: " ")); see primatrixd --help")
    exit(64)
  }
}

let file = configuration(Array(CommandLine.arguments.dropFirst()))
Signals.take()
let end = await Daemon.run(settings: file)
switch end {
case .stopped: break
case .configuration(let problems):
  for problem in problems { Journal.record(.error, problem, event: .configurationRefused) }
  complain("the configuration is not good; `primatrixctl check-config` checks it again")
case .inUse(let reason), .failed(let reason): Journal.record(.error, reason, event: .failed)
}
exit(end.exitStatus)
