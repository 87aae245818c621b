internal import CArchive
internal import Foundation
package import Vocabulary
package import WorkUnits

/// Unpacks one archive, hashing each member as it is written. A member that is hostile or damaged is rejected with its
/// reason; the others are extracted bit by bit as they are.
package enum UnpackWorker {
  /// Writes `files/` and `members.json` into `output`, an empty directory.
  ///
  /// - Throws: `WorkError`: `.input` when the file is no archive or not one member could be read, `.environment` when the
  ///   disk does not take it.
  package static func run(_ spec: UnpackSpec, output: BytePath, progress: ProgressReport) throws {
    let root = output.appending(UnpackSpec.filesName)
    if root.withCString({ mkdir($0, 0o755) }) != 0 {
      throw WorkError(.environment, "\(root): cannot be made: \(String(cString: strerror(errno)))")
    }
    let reader = try ArchiveReader(spec.archive)
    var unpacking = Unpacking(reader: reader, limits: spec.limits, root: root)
    try unpacking.all(progress)
    var report = unpacking.report
    if report.members.isEmpty, let cut = report.cutShort {
      throw WorkError(.input, ArchiveReader.refusal(spec.archive, cut))
    }
    // The same archive gives the same report, whatever order a damaged directory led to.
    report.members.sort { $0.path < $1.path }
    let path = output.appending(UnpackSpec.reportName)
    do {
      try CanonicalJSON.encode(report).write(to: URL(filePath: path.display))
    } catch {
      throw WorkError(.environment, "\(path): cannot be written: \(error.localizedDescription)")
    }
  }
}
