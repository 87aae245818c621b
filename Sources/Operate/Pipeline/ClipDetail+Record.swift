internal import Cataloguing
internal import Control
internal import Foundation
internal import Settings
internal import Vocabulary
internal import WorkUnits

extension ClipListing {
  /// Why it is partial or unreadable, or waits.
  var reason: String? {
    switch outcome {
    case .partial(let frames, let why): "only \(frames) frames could be decoded: \(why)"
    case .unreadable(let why): why
    case .decoded, nil: fault.map { "its file cannot be read as this clip: \($0)" }
    }
  }
}

extension ClipDetail {
  init(_ record: ClipRecord, labels: [String]?, _ configuration: Configuration, sources: [SourceSettings]) {
    let classes = record.scores?.run.report?.classes.map(\.name) ?? []
    self.init(
      clip: record.listing.clip.description, bytes: record.listing.bytes, state: record.listing.state,
      reason: record.listing.reason,
      files: record.files.map { file in
        File(
          path: file.root.appending(file.path),
          source: configuration.state.source(of: file.root.appending(file.path), among: sources),
          modified: Date(timeIntervalSince1970: Double(file.modified / 1_000_000_000)), isPresent: file.isPresent,
          isProvisional: file.isProvisional)
      }, video: record.listing.facts.map(Video.init),
      features: configuration.backbones.map {
        Feature(backbone: $0.backbone.name, isThere: record.products.contains($0.fingerprint))
      }, hasMicroClip: record.products.contains(MicroFormat.standard.fingerprint), labels: labels,
      fold: record.fold.map { $0 + 1 },
      scores: record.scores.map { scores in
        zip(classes, scores.probabilities).map { Score(name: $0, probability: $1) }
      }, run: record.scores?.run.key.name)
  }
}

extension StateDirectory {
  /// The source that brought a file; nil for one in a watched folder.
  fileprivate func source(of file: BytePath, among sources: [SourceSettings]) -> String? {
    sources.first { source in
      var folders = [clips(source: source.id), self.source(source.id)]
      if case .local(let paths) = source.origin { folders += paths }
      return folders.contains { file.isInside($0) }
    }?.id
  }
}

extension BytePath {
  /// Whether it is this path or lies below it.
  fileprivate func isInside(_ folder: BytePath) -> Bool {
    bytes.starts(with: folder.bytes)
      && (bytes.count == folder.bytes.count || bytes[folder.bytes.count] == UInt8(ascii: "/"))
  }
}
