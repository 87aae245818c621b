import Decoding
import Ensemble
import FeatureExtraction
import Foundation
import Unpacking
import Vocabulary
import WorkUnits

// One work unit, then exit. People do not call this: the daemon does, and a cluster's scheduler may.
//
//   primatrix-worker KIND --spec FILE --output DIR
//   primatrix-worker decode        (child of an extract unit, with its descriptors)

/// Progress goes out at once, line by line: whoever reads it wants to know now.
@Sendable func report(_ progress: WorkProgress) {
  guard let line = try? CanonicalJSON.encode(progress) + Data("\n".utf8) else { return }
  FileHandle.standardOutput.write(line)
}

func work(_ invocation: Invocation) throws {
  let output = invocation.output
  switch try invocation.readSpec() {
  case .unpack(let spec):
    let worker = try UnpackWorker(spec, output: output)
    try worker.confine()
    try worker.run(InstructionLines(descriptor: 0), progress: report)
  case .extract(let spec):
    try ExtractWorker.run(spec, output: output, decoder: Invocation.executable, progress: report)
  case .inspect(let spec): try InspectWorker.run(spec, output: output, progress: report)
  case .train(let spec): try TrainWorker.run(spec, output: output, progress: report)
  case .stack(let spec): try StackWorker.run(spec, output: output, progress: report)
  case .score(let spec): try ScoreWorker.run(spec, output: output, progress: report)
  }
}

if CommandLine.arguments == [CommandLine.arguments[0], "decode"] { DecodeChild.run() }

guard let invocation = Invocation(CommandLine.arguments) else {
  FileHandle.standardError.write(
    Data("usage: primatrix-worker unpack|extract|inspect|train|stack|score --spec FILE --output DIR\n".utf8))
  exit(64)
}
do {
  try work(invocation)
} catch {
  let failure = error as? WorkError ?? WorkError(.failure, "\(error)")
  invocation.leave(failure)
  FileHandle.standardError.write(Data("\(failure)\n".utf8))
  exit(failure.exitCode)
}
