internal import Control
internal import Foundation
internal import Vocabulary

/// The whole of `primatrixctl`.
package enum PrimatrixCtl {
  /// Runs one command line (without the program's name) and returns the exit status.
  package static func run(_ arguments: [String]) -> Int32 {
    do {
      try perform(try CommandLineParser.parse(arguments, commands: HelpText.commands))
      return ExitStatus.ok.rawValue
    } catch {
      FileHandle.standardError.write(Data("primatrixctl: \(error.message.harmlessLines)\n".utf8))
      return error.status.rawValue
    }
  }

  private static func perform(_ command: ParsedCommand) throws(CommandFailure) {
    switch command.name {
    case "start": try StartCommand(command).run()
    case "stop": try StopCommand(command).run()
    case "restart":
      try ConfigurationCheck.pass(Place(command), else: "nothing was stopped; correct this, then restart")
      try StopCommand(command).run()
      try StartCommand(command).run()
    case "reload": try ReloadCommand(command).run()
    case "status": try StatusCommand(command).run()
    case "sources": try SourcesCommand(command).run()
    case "clips": try ClipsCommand(command).run()
    case "clip": try ClipCommand(command).run()
    case "retry": try RetryCommand(command).run()
    case "runs": try RunsCommand(command).run()
    case "report": try ReportCommand(command).run()
    case "submission": try SubmissionCommand(command).run()
    case "logs": try LogsCommand(command).run()
    case "pause", "resume", "retrain", "rescore": try RequestCommand(command).run()
    case "completion": try CompletionCommand(command).run()
    case "backbones": try BackbonesCommand(command).run()
    case "doctor": try DoctorCommand(command).run()
    case "check-config": try CheckConfigCommand(command).run()
    case "version": command.tell("primatrixctl \(Version.text)", ["version": Version.text])
    default:
      print(try command.words.first.map { name throws(CommandFailure) in try HelpText.of(name) } ?? HelpText.overview)
    }
  }
}
