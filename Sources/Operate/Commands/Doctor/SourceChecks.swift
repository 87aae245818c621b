internal import CLinux
package import Control
internal import Foundation
internal import Settings
package import Vocabulary

/// Whether sources can be reached, and whether others can reach this machine.
package enum SourceChecks {
  /// What was found, and the bytes of a source's archive or files where they are told.
  package struct Reach: Sendable {
    package var finding: Finding
    package var bytes: Int64?
  }

  static func reach(_ source: SourceSettings, _ download: DownloadSettings) -> Reach {
    switch source.origin {
    case .web(let urls):
      return web(source.id, urls.map { ($0, WebProbe.head($0, proxy: download.proxy, netrc: download.netrc)) })
    case .local(let paths): return local(source.id, paths)
    case .torrent(let torrent, _): return self.torrent(source.id, torrent, download)
    }
  }

  /// Judges what the mirrors of one file have answered.
  package static func web(_ id: String, _ answers: [(url: String, answer: WebProbe.Answer)]) -> Reach {
    let subject = "source \(id)"
    var bad: [String] = []
    var sizes: Set<Int64> = []
    var refuses = false
    for (url, answer) in answers {
      switch answer {
      case .file(let bytes): if let bytes { sizes.insert(bytes) }
      case .refused(let status) where [403, 405, 501].contains(status): refuses = true
      case .refused(let status): bad.append("\(url): the server answers \(status)")
      case .unreachable(let reason): bad.append("\(url): \(reason)")
      }
    }
    let bytes = sizes.count == 1 ? sizes.first : nil
    let size = bytes.map { " (\(Words.bytes($0)))" } ?? ""
    if bad.count == answers.count {
      return Reach(
        finding: .failed(
          subject, bad.joined(separator: "; "), next: "check the address, the network and [download] proxy"),
        bytes: nil)
    }
    if sizes.count > 1 {
      let all = sizes.sorted().map { Words.bytes($0) }.joined(separator: ", ")
      return Reach(
        finding: .failed(
          subject, "its mirrors have files of different sizes: \(all)", next: "name mirrors of the same file only"),
        bytes: nil)
    }
    if !bad.isEmpty {
      return Reach(
        finding: .warning(subject, bad.joined(separator: "; "), next: "the other mirrors are used\(size)"), bytes: bytes
      )
    }
    if refuses && bytes == nil {
      return Reach(
        finding: .warning(
          subject, "the server is there and does not tell the file's size", next: "the download itself will show"),
        bytes: nil)
    }
    return Reach(finding: .ok(subject, "\(Words.count(answers.count, "address")) answers\(size)"), bytes: bytes)
  }

  private static func local(_ id: String, _ paths: [BytePath]) -> Reach {
    let subject = "source \(id)"
    for path in paths where access(path.display, R_OK) != 0 {
      let reason = String(cString: strerror(errno))
      return Reach(
        finding: .failed(subject, "\(path): \(reason)", next: "mount the disk, or correct urls"), bytes: nil)
    }
    let bytes = paths.reduce(Int64(0)) { sum, path in
      var status = stat()
      let isFile = path.withCString { stat($0, &status) } == 0 && status.st_mode & S_IFMT == S_IFREG
      return sum + (isFile ? Int64(status.st_size) : 0)
    }
    let size = bytes > 0 ? " (\(Words.bytes(bytes)))" : ""
    return Reach(finding: .ok(subject, "\(Words.count(paths.count, "path")) on this machine\(size)"), bytes: bytes)
  }

  private static func torrent(_ id: String, _ torrent: String, _ download: DownloadSettings) -> Reach {
    let subject = "source \(id)"
    if torrent.hasPrefix("magnet:") {
      return Reach(finding: .ok(subject, "a magnet link: the swarm tells the rest"), bytes: nil)
    }
    if torrent.contains("://") {
      var reach = web(id, [(torrent, WebProbe.head(torrent, proxy: download.proxy, netrc: download.netrc))])
      reach.bytes = nil  // That of the .torrent file says nothing.
      return reach
    }
    // A torrent is a dictionary in bencoding, which begins so.
    let start = FileHandle(forReadingAtPath: torrent).flatMap { try? $0.read(upToCount: 1) }
    guard start == Data("d".utf8) else {
      let reason = start == nil ? "cannot be read" : "is no torrent file"
      return Reach(
        finding: .failed(subject, "\(torrent) \(reason)", next: "fetch it again, or correct torrent"), bytes: nil)
    }
    return Reach(finding: .ok(subject, "\(torrent) is a torrent file"), bytes: nil)
  }

  /// - Parameter code: errno of listening there; 0 when it is free.
  package static func port(_ port: Int, code: Int32, daemonRuns: Bool) -> Finding {
    switch code {
    case 0: return .ok("port", port == 0 ? "any free one for torrents" : "\(port) is free for torrents")
    case EADDRINUSE where daemonRuns:
      return .ok("port", "\(port) is in use, by the daemon that runs or another program")
    case EADDRINUSE:
      return .failed("port", "\(port) is another program's", next: "name another in [torrent] port")
    default:
      return .failed(
        "port", "\(port): \(String(cString: strerror(code)))", next: "name one above 1023 in [torrent] port")
    }
  }

  /// - Parameters:
  ///   - code: errno of listening there; 0 when it is free.
  ///   - daemonRuns: whether it may be the daemon that listens there.
  package static func dashboard(_ address: ListenAddress, code: Int32, daemonRuns: Bool) -> Finding {
    let next = "give [http] listen another port, or \"\" for no dashboard"
    // Root may listen where the daemon may not.
    if (1..<1024).contains(address.port) {
      return .warning("dashboard", "\(address): the service may not listen below 1024", next: next)
    }
    if code != 0 && !(code == EADDRINUSE && daemonRuns) {
      return .warning("dashboard", "\(address): \(String(cString: strerror(code)))", next: next)
    }
    let state = code == 0 ? "is free for it" : "is in use, by the daemon that runs or another program"
    if address.isLoopback { return .ok("dashboard", "\(address) \(state)") }
    return .warning(
      "dashboard", "\(address) \(state); whoever reaches it sees names of clips and all else",
      next: "listen at 127.0.0.1 and let a web server with passwords stand before it, unless the network is yours")
  }

  /// Errno of listening at a TCP port; 0 when that can be done.
  static func listen(_ address: ListenAddress) -> Int32 {
    let descriptor = clinux_listen_tcp(address.host, address.port)
    if descriptor < 0 { return -descriptor }
    close(descriptor)
    return 0
  }
}
