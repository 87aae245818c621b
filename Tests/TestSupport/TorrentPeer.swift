package import Foundation

/// A foreign BitTorrent program on 127.0.0.1 that has everything, killed when the value goes away.
package final class TorrentPeer: Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    case transmission = "transmission-daemon"
    case aria2 = "aria2c"
    case qbittorrent = "qbittorrent-nox"

    package var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: "/usr/bin/\(rawValue)") }
  }

  package let port: UInt16
  private let host: String
  private let process: Process

  /// `host:port` to connect to.
  package var address: String { "\(host):\(port)" }

  /// Seeds what lies in `folder`; it checks that by itself, and listens when this returns.
  package convenience init(_ kind: Kind, torrent: URL, folder: URL, in directory: URL) throws {
    let port = try LocalPort.free()
    let place = directory.appending(path: "peer-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    var environment: [String: String] = [:]
    let arguments: [String]
    switch kind {
    case .transmission: arguments = try Self.transmission(torrent, folder, place, port)
    case .aria2:
      arguments = [
        "-d", folder.path, "-V", "--quiet", "--seed-time=10", "--seed-ratio=0", "--listen-port=\(port)",
        "--enable-dht=false", "--enable-dht6=false", "--enable-peer-exchange=false", "--interface=127.0.0.1",
        "--no-conf", torrent.path,
      ]
    case .qbittorrent:
      arguments = try Self.qbittorrent(torrent, folder, place, port)
      environment["HOME"] = place.path
    }
    try self.init("/usr/bin/\(kind.rawValue)", arguments, port: port, environment: environment)
    try waitUntilListening()
  }

  init(
    _ program: String, _ arguments: [String], port: UInt16, environment: [String: String] = [:],
    directory: URL? = nil, host: String = "127.0.0.1"
  ) throws {
    self.port = port
    self.host = host
    process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
  }

  deinit { end() }

  /// Vanishes without a word to anybody.
  package func end() {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    process.waitUntilExit()
  }

  func waitUntilListening() throws {
    for _ in 0..<30_000 {
      if LocalPort.isListening(port, host) { return }
      guard process.isRunning else {
        throw Command.Failure(description: "a torrent peer ended with \(process.terminationStatus)")
      }
      usleep(10_000)
    }
    throw Command.Failure(description: "a torrent peer does not listen")
  }

  private static func transmission(_ torrent: URL, _ folder: URL, _ place: URL, _ port: UInt16) throws -> [String] {
    let watched = place.appending(path: "watch")
    try FileManager.default.createDirectory(at: watched, withIntermediateDirectories: true)
    try FileManager.default.copyItem(at: torrent, to: watched.appending(path: torrent.lastPathComponent))
    let settings: [String: Any] = [
      "bind-address-ipv4": "127.0.0.1", "dht-enabled": false, "lpd-enabled": false, "pex-enabled": false,
      "port-forwarding-enabled": false, "utp-enabled": false, "rpc-enabled": false, "peer-port": Int(port),
      "watch-dir": watched.path, "watch-dir-enabled": true, "download-dir": folder.path,
      "incomplete-dir-enabled": false, "start-added-torrents": true,
    ]
    try JSONSerialization.data(withJSONObject: settings).write(to: place.appending(path: "settings.json"))
    return ["-f", "-g", place.path]
  }

  private static func qbittorrent(_ torrent: URL, _ folder: URL, _ place: URL, _ port: UInt16) throws -> [String] {
    let folderOfSettings = place.appending(path: "qBittorrent/config")
    try FileManager.default.createDirectory(at: folderOfSettings, withIntermediateDirectories: true)
    try """
    [LegalNotice]
    Accepted=true
    [BitTorrent]
    Session\\Port=\(port)
    Session\\Interface=lo
    Session\\InterfaceName=lo
    Session\\DHTEnabled=false
    Session\\LSDEnabled=false
    Session\\PeXEnabled=false
    [Preferences]
    WebUI\\Enabled=false
    """.write(to: folderOfSettings.appending(path: "qBittorrent.conf"), atomically: true, encoding: .utf8)
    return ["--profile=\(place.path)", "--save-path=\(folder.path)", "--skip-hash-check", torrent.path]
  }
}

/// Debian's opentracker, which serves the torrents that it is told of only.
package final class Tracker {
  package static let isInstalled = FileManager.default.isExecutableFile(atPath: "/usr/bin/opentracker")

  private let peer: TorrentPeer
  package var url: String { "http://127.0.0.1:\(peer.port)/announce" }

  /// - Parameter infoHashes: forty hexadecimal digits each.
  package init(port: UInt16, infoHashes: [String], in directory: URL) throws {
    let place = directory.appending(path: "tracker-\(port)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    // As root it makes this folder its root before it reads the list.
    let list = place.appending(path: "torrents")
    try (infoHashes.joined(separator: "\n") + "\n").write(to: list, atomically: true, encoding: .utf8)
    peer = try TorrentPeer(
      "/usr/bin/opentracker",
      ["-i", "127.0.0.1", "-p", "\(port)", "-P", "\(port)", "-w", "torrents", "-d", place.path], port: port,
      directory: place)
    try peer.waitUntilListening()
  }

  /// Until a seed of the torrent has told the tracker so: whoever asks before hears of nobody, and asks again after its interval.
  package func waitUntilSeeded(_ infoHash: String) async throws {
    let escaped = stride(from: 0, to: infoHash.count, by: 2).map { "%" + infoHash.dropFirst($0).prefix(2) }.joined()
    let script = "import sys, urllib.request as r; sys.stdout.buffer.write(r.urlopen(sys.argv[1]).read())"
    let scrape = "http://127.0.0.1:\(peer.port)/scrape?info_hash=\(escaped)"
    for _ in 0..<600 {
      // BEP 48: `8:completei1e` once there is one.
      let answer = String(
        decoding: try await Command.runAside("/usr/bin/python3", ["-c", script, scrape]), as: UTF8.self)
      if answer.contains("8:completei"), !answer.contains("8:completei0e") { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    throw Command.Failure(description: "no seed told the tracker of itself")
  }
}
