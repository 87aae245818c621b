package import Cataloguing
package import Vocabulary
package import WorkUnits

/// Clips whose files could not be read.
extension ExtractStage {
  /// Seconds that a file rests after each time. It is tried for some eight minutes: a share that comes back, or a file that
  /// is being replaced, costs nothing.
  package static let rests: [Int64] = [15, 30, 60, 120, 240]

  /// What a unit could not read.
  package struct Reading: Sendable {
    /// Set when not one of its files could be read.
    package var trouble: WorkError?
    /// With the reasons, and whether it was the last time that they are tried by themselves.
    package var unread: [(file: ClipFile, reason: String, isLast: Bool)] = []
  }

  /// Judges what a unit could not read. Where it could read other clips, the files are to blame, and rest. Where it could read
  /// none of several, the disk may be: the unit is tried in smaller pieces, and a file alone is counted.
  ///
  /// - Parameter now: seconds since 1970.
  package func judge(
    _ skips: [ExtractLedger.Skip], of files: [ClipFile], in catalog: Catalog, now: Int64
  ) async throws -> Reading {
    let reasons = Dictionary(skips.map { ($0.clip, $0.reason) }) { first, _ in first }
    let unread = files.compactMap { file in reasons[file.clip].map { (file: file, reason: $0) } }
    var reading = Reading()
    if let first = unread.first, unread.count == files.count {
      let others = unread.count == 1 ? "" : " (and \(unread.count - 1) more like it)"
      reading.trouble = WorkError(.environment, "\(first.file.path): \(first.reason)\(others)")
    }
    let counts = reading.trouble == nil || files.count == 1
    for (file, reason) in unread {
      var isLast = false
      if counts { isLast = try await catalog.skip(file, reason: reason, now: now, rests: Self.rests) }
      reading.unread.append((file, reason, isLast))
    }
    return reading
  }
}
