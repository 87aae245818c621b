import Acquisition
import Foundation
import Vocabulary

// Fetches one torrent as the daemon does, and tells each status in one line. Tests start it, and end it without a warning.
//
//   TorrentProbe DIRECTORY torrent TORRENT PEER...

let arguments = CommandLine.arguments
var options = TorrentOptions()
options.dht = false
options.interface = "127.0.0.1"
options.allowsPrivateAddresses = true
options.peers = Array(arguments.dropFirst(4))

let session = TorrentSession(options: options)
let fetcher = TorrentFetcher(source: TorrentSource(id: "probe", torrent: arguments[3]), session: session)
let flow = FetchFlow()

func tell(_ line: String) { FileHandle.standardOutput.write(Data("\(line)\n".utf8)) }

let teller = Task {
  for await status in flow.statuses { tell("bytes \(status.bytes) \(status.note ?? "")") }
}
do {
  for file in try await fetcher.fetch(into: BytePath(arguments[1]), flow: flow) {
    tell("file \(file.bytes) \(file.name)")
  }
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
flow.finish()
await teller.value
session.close()
