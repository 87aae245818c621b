internal import Cataloguing
internal import Foundation
internal import Journal
internal import Labelling
internal import Vocabulary

/// Holds the label file and the submission format as they were last read whole, and looks whether they have changed.
struct LabelKeeper {
  private let trainPath: BytePath?
  private let formatPath: BytePath?
  private let board: StatusBoard
  private var stamps: [BytePath: FileStamp] = [:]
  private var train: LabelFile?
  private var sidecars = SidecarLabels()
  private(set) var format: SubmissionFormat?

  init(configuration: Configuration, board: StatusBoard) {
    trainPath = configuration.trainLabels
    formatPath = configuration.submissionFormat
    self.board = board
  }

  /// Those of the configured label file; without one, those of the first beside the clips.
  var classes: ClassList? { trainPath == nil ? sidecars.classes : train?.classes }

  /// A label file beside clips was read anew, or is gone (nil).
  mutating func take(_ place: SidecarPlace, _ file: LabelFile?) {
    let before = classes
    sidecars.set(place, file)
    if let formatPath, classes != before { stamps[formatPath] = nil }  // The format is checked against the classes.
  }

  /// A format that is configured and could not be read: a submission in any other layout would be worse than none.
  var isFormatMissing: Bool { formatPath != nil && format == nil }

  /// Reads what has changed since the last look. A file that cannot be read leaves what was known; the problem is shown.
  mutating func reloadIfChanged() -> Bool {
    var changed = false
    if let trainPath, hasChanged(trainPath), let file = read(trainPath, as: "labels", parse: Self.labels) {
      train = file
      stamps[formatPath ?? ""] = nil  // The format is checked against the classes.
      tell("labels", trainPath, file.problems)
      changed = true
    }
    if let formatPath, hasChanged(formatPath),
      let file = read(formatPath, as: "submission format", parse: { [classes] in try Self.format($0, $1, classes) })
    {
      format = file
      tell("submission format", formatPath, file.problems)
      changed = true
    }
    return changed
  }

  /// The labelled clips among those on disk. Names without a clip and contradictions are shown, not guessed away.
  func match(_ landings: [Landing]) -> [ClipID: Labels] {
    let merged = merged(landings)
    show(merged)
    return merged.labels
  }

  /// The labels of one clip.
  ///
  /// - Parameter landings: its files, and all others that a name in a table could mean as well.
  func labels(of clip: ClipID, among landings: [Landing]) -> Labels? { merged(landings).labels[clip] }

  private func merged(_ landings: [Landing]) -> MergedLabels {
    guard let classes else { return MergedLabels() }
    return sidecars.merged(train: train, classes: classes, clips: landings.map { ($0.root, $0.path, $0.clip) })
  }

  /// Clips that a label file beside them speaks of.
  func sidecarClips(_ landings: [Landing]) -> Set<ClipID> {
    sidecars.isEmpty ? [] : merged(landings).sidecarClips
  }

  /// False where no clip can have both a label and a row in the format.
  var mayAskForLabelled: Bool { format != nil && (train != nil || !sidecars.isEmpty) }

  /// Clips that the format asks for although they have a label: they are scored too.
  func askedAndLabelled(_ landings: [Landing]) -> Set<ClipID> {
    guard let format else { return [] }
    let labelled = Set(train?.rows.map(\.name) ?? [])
    let beside = sidecarClips(landings)
    let index = NameIndex(landings.map { ($0.path, $0.clip) })
    var asked: Set<ClipID> = []
    for name in format.names where labelled.contains(name) || !beside.isEmpty {
      if case .clip(let clip) = index.find(name), labelled.contains(name) || beside.contains(clip) {
        asked.insert(clip)
      }
    }
    return asked
  }

  /// Whether the label file or the format speaks of this clip.
  func named() -> Set<BytePath> {
    Set((train?.rows.map(\.name) ?? []) + (format?.names ?? []))
  }

  private mutating func hasChanged(_ path: BytePath) -> Bool {
    let stamp = FileStamp(path)
    if stamps[path] == stamp { return false }
    stamps[path] = stamp
    return true
  }

  private func read<File>(_ path: BytePath, as subject: String, parse: ([UInt8], String) throws -> File) -> File? {
    do {
      let data = try Data(contentsOf: URL(filePath: path.display))
      let file = try parse(Array(data), path.display)
      board.solved(subject)
      return file
    } catch {
      let message = error is TableError ? "\(error)" : "\(path): cannot be read: \(error.systemReason)"
      board.problem(subject, message, next: "it is read again as soon as it changes")
      Journal.record(.error, "\(subject): \(message)", event: .labelsRefused)
      return nil
    }
  }

  private static func labels(_ bytes: [UInt8], _ name: String) throws -> LabelFile {
    try LabelFile(bytes: bytes, name: name)
  }

  private static func format(_ bytes: [UInt8], _ name: String, _ classes: ClassList?) throws -> SubmissionFormat {
    try SubmissionFormat(bytes: bytes, name: name, classes: classes)
  }

  private func tell(_ subject: String, _ path: BytePath, _ problems: [TableProblem]) {
    let rows = "\(subject) rows"
    guard let first = problems.first else { return board.solved(rows) }
    for problem in problems.prefix(20) {
      Journal.record(.warning, "\(path):\(problem.line): \(problem.message)", event: .labelRowsRefused)
    }
    let more = problems.count > 1 ? " (and \(problems.count - 1) more, see the journal)" : ""
    board.problem(
      rows, "\(path):\(first.line): \(first.message)\(more)", next: "correct the file; the other rows are used")
  }

  private func show(_ match: MergedLabels) {
    var parts: [String] = []
    if let (file, first) = match.unknown.first {
      let example = "\(first.name.display) (\(file):\(first.line))"
      parts.append("\(match.unknown.count) names have no clip on disk, such as \(example)")
    }
    if let first = match.conflicts.first {
      parts.append("\(match.conflicts.count) contradict each other or fit several clips, such as \(first)")
    }
    if parts.isEmpty {
      board.solved("label names")
    } else {
      board.problem("label names", parts.joined(separator: "; "), next: "their rows wait; the other rows are used")
    }
  }
}

/// What tells one version of a file from the next without reading it.
struct FileStamp: Equatable {
  private var bytes: Int64 = -1
  private var modified: Int64 = 0
  private var inode: UInt64 = 0

  /// A file that is not there has a stamp too.
  init(_ path: BytePath) {
    var status = stat()
    guard path.withCString({ stat($0, &status) }) == 0 else { return }
    bytes = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    inode = UInt64(status.st_ino)
  }
}
