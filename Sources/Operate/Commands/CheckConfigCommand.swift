internal import Backbones
internal import Foundation
internal import Labelling
internal import Settings
internal import Vocabulary
internal import WorkUnits

struct CheckConfigCommand {
  private let command: ParsedCommand

  init(_ command: ParsedCommand) { self.command = command }

  func run() throws(CommandFailure) {
    var command = command
    if let file = command.words.first { command.options["config"] = file }
    let place = Place(command)
    let settings = try place.settings()
    let (problems, remarks) = Self.findings(settings)
    for remark in remarks { print(remark.harmless) }
    if !problems.isEmpty {
      throw CommandFailure(.configuration, problems.map(\.harmless).joined(separator: "\nprimatrixctl: "))
    }
    print("\(place.file) is good")
  }

  /// What is wrong with all that the settings name, and what else there is to say of it.
  static func findings(_ settings: Settings) -> (problems: [String], remarks: [String]) {
    var problems: [String] = []
    var remarks: [String] = []
    checkFolders(settings, &problems)
    checkLabels(settings, &problems, &remarks)
    checkBackbones(settings, &problems, &remarks)
    return (problems, remarks)
  }

  private static func checkFolders(_ settings: Settings, _ problems: inout [String]) {
    let state = settings.stateDirectory
    if let folder = existing(state), access(folder.display, W_OK) != 0 {
      problems.append("state_dir: \(folder) is not writable for you; the daemon's user must be able to write there")
    }
    // The daemon makes its own inbox.
    for folder in settings.watch.folders ?? [] where folder != state.appending("inbox") && existing(folder) != folder {
      problems.append("watch.folders: \(folder) does not exist")
    }
  }

  private static func checkLabels(_ settings: Settings, _ problems: inout [String], _ remarks: inout [String]) {
    var classes: ClassList?
    if let path = settings.labels.train {
      check("labels.train", path, &problems) { bytes, name in
        let file = try LabelFile(bytes: bytes, name: name)
        classes = file.classes
        remarks += file.problems.map { "\(path):\($0.line): \($0.message)" }
        remarks.append("labels: \(file.rows.count) clips, \(file.classes.count) classes")
      }
    } else {
      remarks.append(
        settings.labels.sidecars
          ? "labels: no file is named; those beside clips count, and until there is one clips are extracted and wait"
          : "labels: none; clips are extracted and wait")
    }
    guard let path = settings.labels.submissionFormat else { return }
    check("labels.submission_format", path, &problems) { bytes, name in
      let file = try SubmissionFormat(bytes: bytes, name: name, classes: classes)
      remarks += file.problems.map { "\(path):\($0.line): \($0.message)" }
      remarks.append("submission format: \(file.names.count) rows")
    }
  }

  private static func check(
    _ key: String, _ path: BytePath, _ problems: inout [String], parse: ([UInt8], String) throws -> Void
  ) {
    do {
      try parse(Array(try Data(contentsOf: URL(filePath: path.display))), path.display)
    } catch let error as TableError {
      problems.append("\(key): \(error)")
    } catch {
      problems.append("\(key): \(path) cannot be read: \(error.systemReason)")
    }
  }

  private static func checkBackbones(_ settings: Settings, _ problems: inout [String], _ remarks: inout [String]) {
    var uses: [BackboneUse] = []
    var sets: [Dataset.FeatureSet] = []
    for name in settings.features.backbones {
      do {
        let use = try BackboneCatalog.resolve(
          name: name, directory: settings.features.backboneDirectory, precision: settings.features.precision ?? .float32
        )
        uses.append(use)
        sets.append(Dataset.FeatureSet(use))
        remarks.append(
          "backbone \(name): \(use.backbone.width) features for each of \(use.backbone.sampling.frames) frames")
      } catch {
        problems.append("features.backbones: \(error)")
      }
    }
    // Which models there are is known when every backbone is.
    if sets.count == settings.features.backbones.count { problems += MemberTable.problems(sets, settings.ensemble) }
    // The built-in network is ours, and fits.
    uses.removeAll { $0.file == nil }
    if uses.isEmpty { return }
    do {
      let found = try Inspection.run(InspectSpec(backbones: uses, measures: false))
      problems += found.compactMap { $0.problem.map { "features.backbones: \($0)" } }
    } catch {
      problems.append("features.backbones: \(error.message)")
    }
  }

  /// The path, or the nearest folder above it that exists.
  private static func existing(_ path: BytePath) -> BytePath? {
    var path = path
    while !path.bytes.isEmpty {
      if FileManager.default.fileExists(atPath: path.display) { return path }
      if path == path.deletingLastComponent { return nil }
      path = path.deletingLastComponent
    }
    return nil
  }
}
