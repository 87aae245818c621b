internal import Durability
internal import Foundation
internal import Subprocesses
private import Synchronization
package import Vocabulary

/// One file at one or more addresses: http, https, file, or an absolute path on this machine.
package struct HTTPSource: Sendable {
  package var id: String
  /// Mirrors of the same file, tried in this order.
  package var urls: [String]
  package var digest: Digest?

  package init(id: String, urls: [String], digest: Digest?) {
    self.id = id
    self.urls = urls
    self.digest = digest
  }
}

/// A file that was fetched whole, checked and made durable.
package struct DownloadedFile: Sendable, Equatable {
  package var path: BytePath
  package var digest: Digest
  package var bytes: Int64
}

package struct DownloadProgress: Sendable, Equatable {
  package var bytes: Int64
  /// Nil when the server does not say.
  package var total: Int64?
}

/// Fetches a source's file into a directory, going on where an earlier attempt ended.
package enum Download {
  /// Returns when the file is whole, has the digest that the source gives, and is durable. A file that was fetched before
  /// and has not changed is not fetched again.
  ///
  /// - Parameter progress: called on another thread, a few times a second.
  /// - Throws: `AcquisitionError`, `DurabilityError`, or `CancellationError` soon after the task is cancelled; what has
  ///   arrived by then is kept.
  package static func run(
    _ source: HTTPSource, into directory: BytePath, progress: @escaping @Sendable (DownloadProgress) -> Void
  ) async throws -> DownloadedFile {
    let stop = StopFlag()
    return try await withTaskCancellationHandler {
      try await BlockingThread.run(named: "download") {
        try fetch(source, into: directory, stop: stop, progress: progress)
      }
    } onCancel: {
      stop.raise()
    }
  }

  private static func fetch(
    _ source: HTTPSource, into directory: BytePath, stop: StopFlag,
    progress: @escaping @Sendable (DownloadProgress) -> Void
  ) throws -> DownloadedFile {
    try Durability.makeDirectory(directory)
    let place = Place(directory: directory, name: Place.fileName(source.urls.first ?? ""))
    if let file = place.finished(source) { return file }
    var failure: AcquisitionError?
    // The mirror that part of the file came from is the only one that can give the rest of it.
    let begun = place.readPart()?.url
    for url in source.urls.filter({ $0 == begun }) + source.urls.filter({ $0 != begun }) {
      do {
        return try Attempt(source: source, url: url, place: place, stop: stop, progress: progress).run()
      } catch let error as AcquisitionError {
        // Another mirror may have what this one lacks; the failure worth telling is one that time may cure.
        if failure == nil || !error.isPermanent { failure = error }
      }
    }
    throw failure ?? AcquisitionError(isPermanent: true, "source \(source.id) has no address")
  }
}

/// Raised once, seen from any thread.
final class StopFlag: Sendable {
  private let flag = Atomic(false)

  var isRaised: Bool { flag.load(ordering: .relaxed) }
  func raise() { flag.store(true, ordering: .relaxed) }
}

/// Why a file could not be fetched: the address, the cause and the next step.
package struct AcquisitionError: Error, CustomStringConvertible {
  /// True when only a person can mend it; false when time may.
  package var isPermanent: Bool
  package var description: String

  init(isPermanent: Bool, _ description: String) {
    self.isPermanent = isPermanent
    self.description = description
  }
}
