import Acquisition
import Foundation
import Vocabulary

// Fetches a source until it is here or somebody kills it. Only the tests of `Acquisition` start it.
//
//   FetchProbe DIRECTORY SHA256|- URL...
//
// Prints each new durable prefix as a line. Exit status 0 when the file is here, 1 with the reason on standard error.

let arguments = CommandLine.arguments
let flow = FetchFlow()
let digest = Digest(hex: arguments[2])
let urls = Array(arguments[3...])
var options = HTTPOptions()
options.backoff = 0.05
options.backoffLimit = 0.5
options.checkpointBytes = 1 << 20
options.checkpointSeconds = 0.05

let fetcher: any Fetcher =
  urls.contains { $0.hasPrefix("/") }
  ? LocalFetcher(id: "probe", paths: urls.map { BytePath($0) }, digest: digest)
  : HTTPFetcher(source: HTTPSource(id: "probe", urls: urls, digest: digest), options: options)

let printing = Task {
  var last: Int64 = -1
  for await status in flow.statuses {
    let prefix = status.files.first?.prefix ?? 0
    if prefix != last { print(prefix) }
    fflush(nil)
    last = prefix
  }
}

do {
  let files = try await fetcher.fetch(into: BytePath(arguments[1]), flow: flow)
  for file in files { print("\(file.path) \(file.bytes) \(file.identity)") }
  exit(0)
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
