internal import Backbones
internal import Foundation
internal import Labelling
internal import Settings
internal import Vocabulary
internal import WorkUnits

/// Whether what a configuration names is there and whole, and may be used by the daemon's user.
struct ConfigurationCheck {
  private(set) var problems: [String] = []
  /// What was found, for a person.
  private(set) var remarks: [String] = []
  private let service: SystemdService?
  private let user: DaemonUser

  init(_ service: SystemdService?, _ user: DaemonUser) {
    self.service = service
    self.user = user
  }

  /// Everything.
  init(of settings: Settings, at place: Place) {
    let service = SystemdService(place)
    self.init(service, DaemonUser(service: service))
    folders(settings)
    labels(settings)
    backbones(settings)
  }

  /// - Throws: when the configuration cannot be read or names what is not good; `rest` says what follows from that.
  static func pass(_ place: Place, else rest: String) throws(CommandFailure) {
    let problems: [String]
    do {
      problems = Self(of: try place.settings(), at: place).problems
    } catch {
      throw CommandFailure(error.status, "\(error.message)\n\(rest)")
    }
    if !problems.isEmpty { throw CommandFailure(.configuration, (problems + [rest]).joined(separator: "\n")) }
  }

  mutating func folders(_ settings: Settings) {
    let state = settings.stateDirectory
    if let reason = user.obstacle([.write, .search], StorageChecks.existing(state)) {
      problems.append("state_dir: \(reason)")
    }
    if let service, !service.mayWrite(state) {
      problems.append("state_dir: \(state) is outside of what the service may write to; \(service.advice(for: state))")
    }
    // The daemon makes its own inbox.
    for folder in settings.watch.folders ?? [] where folder != state.appending("inbox") {
      guard let reason = user.obstacle([.read, .search], folder) else { continue }
      let isThere = FileManager.default.fileExists(atPath: folder.display)
      problems.append("watch.folders: \(isThere ? reason : "\(folder) does not exist")")
    }
  }

  mutating func labels(_ settings: Settings) {
    var classes: ClassList?
    if let path = settings.labels.train {
      check("labels.train", path) { check, bytes, name in
        let file = try LabelFile(bytes: bytes, name: name)
        classes = file.classes
        check.remarks += file.problems.map { "\(path):\($0.line): \($0.message)" }
        check.remarks.append("labels: \(file.rows.count) clips, \(file.classes.count) classes")
      }
    } else {
      remarks.append(
        settings.labels.sidecars
          ? "labels: no file is named; those beside clips count, and until there is one clips are extracted and wait"
          : "labels: none; clips are extracted and wait")
    }
    guard let path = settings.labels.submissionFormat else { return }
    check("labels.submission_format", path) { check, bytes, name in
      let file = try SubmissionFormat(bytes: bytes, name: name, classes: classes)
      check.remarks += file.problems.map { "\(path):\($0.line): \($0.message)" }
      check.remarks.append("submission format: \(file.names.count) rows")
    }
  }

  private mutating func check(
    _ key: String, _ path: BytePath, parse: (inout Self, [UInt8], String) throws -> Void
  ) {
    if FileManager.default.fileExists(atPath: path.display), let reason = user.obstacle(.read, path) {
      return problems.append("\(key): \(reason)")
    }
    do {
      try parse(&self, Array(try Data(contentsOf: URL(filePath: path.display))), path.display)
    } catch CocoaError.fileReadNoPermission where service != nil {
      remarks.append("\(key): \(path) is not readable for you, so what is in it was not looked at")
    } catch let error as TableError {
      problems.append("\(key): \(error)")
    } catch {
      problems.append("\(key): \(path) cannot be read: \(error.systemReason)")
    }
  }

  mutating func backbones(_ settings: Settings) {
    var uses: [BackboneUse] = []
    var sets: [Dataset.FeatureSet] = []
    for name in settings.features.backbones {
      do {
        let use = try BackboneCatalog.resolve(name, settings.features)
        uses.append(use)
        sets.append(Dataset.FeatureSet(use))
        remarks.append(
          "backbone \(name): \(use.backbone.width) features for each of \(use.backbone.sampling.frames) frames")
      } catch {
        problems.append("features.backbones: \(error)")
      }
    }
    // Which models there are is known when every backbone is.
    if sets.count == settings.features.backbones.count {
      problems += MemberTable.problems(sets, settings.ensemble)
      do {
        try BackboneCatalog.checkTogether(uses)
      } catch {
        problems.append("features.backbones: \(error)")
      }
    }
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
}
