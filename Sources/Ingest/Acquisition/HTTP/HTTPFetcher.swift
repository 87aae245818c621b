internal import Foundation
internal import Subprocesses
package import Vocabulary

/// Fetches one file from all its mirrors at once, in ranges, in their order.
///
/// Every mirror must show a strong entity tag (RFC 9110, 8.8.3) and give ranges by it; without a digest all tags must be
/// equal, so two versions are never joined. From a server that cannot do that the file comes in one response, and from the
/// beginning again after each interruption.
package struct HTTPFetcher: Fetcher {
  private let source: HTTPSource
  private let options: HTTPOptions

  package init(source: HTTPSource, options: HTTPOptions = HTTPOptions()) {
    self.source = source
    self.options = options
  }

  package func fetch(into directory: BytePath, flow: FetchFlow) async throws -> [FetchedFile] {
    let stop = StopFlag()
    return try await withTaskCancellationHandler {
      try await BlockingThread.run(named: "http \(source.id)") {
        try HTTPRun(source, options, into: directory, flow: flow, stop: stop).run()
      }
    } onCancel: {
      stop.raise()
    }
  }
}
