internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// What earlier attempts brought and the daemon has published.
struct PublishedBatches {
  private(set) var count = 0
  private(set) var memberCount = 0
  private(set) var names = TakenNames()
  private(set) var standing = UnpackReport.Standing()
  /// Nil when there is more to come.
  private(set) var end: UnpackReport.End?

  /// Reads the reports one by one; what is kept of a member is its name's digest.
  ///
  /// - Throws: `WorkError(.environment)` for a report that cannot be read.
  init(reports: BytePath) throws {
    while let report = try Self.report(count + 1, in: reports) {
      count += 1
      memberCount += report.members.count
      for member in report.members { names.insert(member.path) }
      standing = report.standing
      end = report.end
    }
  }

  private static func report(_ number: Int, in folder: BytePath) throws -> UnpackReport? {
    let path = folder.appending(UnpackSpec.reportName(number))
    let descriptor = path.withCString { open($0, O_RDONLY | O_CLOEXEC) }
    if descriptor < 0 {
      if errno == ENOENT { return nil }
      throw WorkError(.environment, "\(path): cannot be read: \(String(cString: strerror(errno)))")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    do {
      return try CanonicalJSON.decode(UnpackReport.self, from: file.readToEnd() ?? Data())
    } catch {
      throw WorkError(
        .environment, "\(path): not a report of a batch: \(error). Remove what was unpacked, so that it is made anew")
    }
  }
}
