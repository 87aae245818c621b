internal import Foundation
internal import Toml
internal import Vocabulary
internal import WorkUnits

extension WatchSettings {
  mutating func read(_ section: Section, _ folder: BytePath) {
    if let folders = section.paths("folders", relativeTo: folder) { self.folders = folders }
    if let settle = section.duration("settle") { self.settle = settle }
    let rescan = section.value("rescan", "a time such as \"90s\", \"15m\" or \"12h\", or \"auto\"") {
      value -> Double?? in
      guard case .string(let text) = value else { return nil }
      return text == "auto" ? .some(nil) : Section.seconds(text).map { .some($0) }
    }
    if let rescan { self.rescan = rescan }
    if let mode = section.choice("mode", [("auto", Mode.auto), ("scan", Mode.scan)]) { self.mode = mode }
    section.finish()
  }
}

extension LabelSettings {
  mutating func read(_ section: Section, _ folder: BytePath) {
    train = section.path("train", relativeTo: folder)
    submissionFormat = section.path("submission_format", relativeTo: folder)
    if let sidecars = section.flag("sidecars") { self.sidecars = sidecars }
    section.finish()
  }
}

extension FeatureSettings {
  mutating func read(_ section: Section, _ folder: BytePath) {
    if let names = section.strings("backbones") {
      if names.isEmpty { section.complain("backbones", "at least one network is needed, such as \"builtin/motion\"") }
      if Set(names).count < names.count { section.complain("backbones", "a network stands twice") }
      backbones = names
    }
    if let directory = section.path("backbone_dir", relativeTo: folder) { backboneDirectory = directory }
    _ = section.choice("device", [("cpu", 0)])
    if let precision = section.choice(
      "precision", [("auto", Precision?.none), ("float32", .float32), ("bfloat16", .bfloat16)])
    {
      self.precision = precision
    }
    if let workers = section.value("workers", "\"auto\" or a whole number from 1 to 1024", Self.workers) {
      self.workers = workers
    }
    section.finish()
  }

  private static func workers(_ value: TomlValue) -> Int?? {
    switch value {
    case .string("auto"): .some(nil)
    case .integer(let number) where (1...1024).contains(number): number
    default: nil
    }
  }
}

extension EnsembleSettings {
  mutating func read(_ section: Section) {
    if let folds = section.integer("folds", 2...20) { training.folds = folds }
    if let epochs = section.integer("epochs", 1...1000) { training.epochs = epochs }
    if let epochs = section.integer("pseudo_label_epochs", 0...1000) { training.pseudoLabelEpochs = epochs }
    if let folds = section.value(
      "stack_folds", "a whole number from 2 to 20, or 0 for no second level", Self.stackFolds)
    {
      training.stackFolds = folds
    }
    if let batch = section.integer("batch", 2...4096) { self.batch = batch }
    if let rate = section.number("learning_rate", 1e-6...1) { training.learningRate = Float(rate) }
    if let seed = section.integer("seed", 0...Int.max) { training.seed = UInt64(seed) }
    if let models = section.value("models", "\"auto\" or a list of models", Self.models) { self.models = models }
    if let groups = section.value("groups", "\"none\", \"folder\" or a time such as \"10m\"", Self.groups) {
      self.groups = groups
    }
    if let warm = section.flag("warm_retrain") { warmRetrain = warm }
    section.finish()
  }

  private static func stackFolds(_ value: TomlValue) -> Int? {
    if case .integer(let number) = value, number == 0 || (2...20).contains(number) { number } else { nil }
  }

  private static func models(_ value: TomlValue) -> [String]?? {
    switch value {
    case .string("auto"): .some(nil)
    case .array: Section.texts(value).flatMap { $0.isEmpty || Set($0).count < $0.count ? nil : .some($0) }
    default: nil
    }
  }

  private static func groups(_ value: TomlValue) -> Groups? {
    guard case .string(let text) = value else { return nil }
    switch text {
    case "none": return Groups.none
    case "folder": return .folder
    default: return Section.seconds(text).map { .time(gap: $0) }
    }
  }
}

extension ScheduleSettings {
  mutating func read(_ section: Section) {
    let every = section.value("retrain_every", "a time such as \"12h\" or \"7d\", or \"never\"") { value -> Double?? in
      guard case .string(let text) = value else { return nil }
      return text == "never" ? .some(nil) : Section.seconds(text).map { .some($0) }
    }
    if let every { retrainEvery = every }
    if let count = section.integer("retrain_new_labels", 1...1_000_000_000) { retrainNewLabels = count }
    section.later("rescore")
    section.finish()
  }
}

extension ControlSettings {
  /// What the kernel's sockaddr_un holds, the final NUL left out.
  private static let pathLimit = 107

  mutating func read(_ section: Section, _ folder: BytePath) {
    if let socket = section.path("socket", relativeTo: folder) {
      if socket.bytes.count > Self.pathLimit {
        section.complain(
          "socket", "a socket's path has at most \(Self.pathLimit) bytes, this one \(socket.bytes.count)")
      }
      self.socket = socket
    }
    section.finish()
  }
}

extension HTTPSettings {
  mutating func read(_ section: Section) {
    let listen = section.value(
      "listen", "an address in numbers and a port such as \"127.0.0.1:8642\" or \"[::1]:8642\", or \"\" for none"
    ) { value -> ListenAddress?? in
      guard case .string(let text) = value else { return nil }
      return text.isEmpty ? .some(nil) : ListenAddress(text).map { .some($0) }
    }
    if let listen { self.listen = listen }
    names = section.strings("names") ?? names
    section.finish()
  }
}
