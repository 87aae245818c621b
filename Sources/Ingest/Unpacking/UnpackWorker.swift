internal import CArchive
internal import Confinement
internal import Foundation
package import Vocabulary
package import WorkUnits

/// Unpacks one archive, hashing each member as it is written. A member that is hostile or damaged is rejected with its
/// reason; the others are extracted bit by bit as they are.
package enum UnpackWorker {
  /// Confines this process, for good, to what `run` needs: reading the archive and writing below `output`. Apart from
  /// `run` because it cannot be undone. Call it before the first byte of the archive is read.
  ///
  /// - Throws: `WorkError(.environment)` when the archive or the directory cannot be opened, or the kernel cannot confine.
  package static func confine(_ spec: UnpackSpec, output: BytePath) throws {
    // Read from files at first use.
    setlocale(LC_CTYPE, "C.UTF-8")
    let archive = spec.archive.withCString { open($0, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
    guard archive >= 0 else {
      throw WorkError(.environment, "\(spec.archive): cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { close(archive) }
    let directory = output.withCString { open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard directory >= 0 else {
      throw WorkError(.environment, "\(output): cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { close(directory) }
    var status = stat()
    fstat(archive, &status)
    do {
      // The report of the members is a file too. The slowest filter makes some MB a second of its input.
      _ = try Confinement.unpacker(
        readable: archive, writable: directory, fileBytes: max(spec.limits.memberBytes, 1 << 30),
        processorSeconds: 600 + Int64(status.st_size) >> 20)
    } catch {
      throw WorkError(.environment, "\(error)")
    }
  }

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
