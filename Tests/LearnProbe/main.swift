import Foundation
import Vocabulary

// One unit of learning, to be measured or compared with PyTorch: see `Options.usage`.

private func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data((message + "\n").utf8))
  exit(2)
}

guard ProcessInfo.processInfo.environment["OPENBLAS_NUM_THREADS"] == "1" else {
  fail("LearnProbe measures a unit, which has one thread: set OPENBLAS_NUM_THREADS=1")
}
let words = Array(CommandLine.arguments.dropFirst())
do {
  if words.count == 2, words[0] == "fit" {
    try JSONDecoder().decode(Fit.self, from: Data(words[1].utf8)).run()
  } else if let options = Options(words) {
    let directory = FileManager.default.temporaryDirectory.appending(path: "learn-probe-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    try measure(options, in: BytePath(directory.path))
  } else {
    fail(Options.usage)
  }
} catch {
  fail("LearnProbe: \(error)")
}
