package import Foundation
internal import Subprocesses

/// python3-libtorrent, which makes torrents of every kind and can be made to lie.
package enum LibtorrentTool {
  package static let python = "/usr/bin/python3"
  package static let isInstalled = (try? Command.run(python, ["-c", "import libtorrent"])) != nil

  package enum Version: String, CaseIterable, Sendable { case v1, v2, hybrid }

  package struct Torrent: Sendable {
    package var file: URL
    /// Of version 1, forty digits; of version 2 only, its first forty.
    package var infoHash: String
    package var magnet: String
  }

  /// Makes a .torrent of a file or folder.
  package static func make(
    _ root: URL, as file: URL, _ version: Version = .v1, pieceBytes: Int = 16 << 10, trackers: [String] = [],
    webSeeds: [String] = []
  ) throws -> Torrent {
    let answer = try Command.run(
      python,
      ["-c", maker, root.path, file.path, version.rawValue, "\(pieceBytes)", "\(trackers.count)"] + trackers + webSeeds)
    let lines = String(decoding: answer, as: UTF8.self).split(separator: "\n").map(String.init)
    return Torrent(file: file, infoHash: lines[0], magnet: lines[1])
  }

  /// A seed that has everything, and listens when this returns.
  ///
  /// - Parameters:
  ///   - port: to listen on; nil takes one that is free.
  ///   - corrupts: after it has checked its files it flips a bit of each piece that it will send. It lives at 127.0.0.2:
  ///     who is banned is banned with all others at the address.
  ///   - rate: bytes a second; 0 is no limit.
  package static func seed(
    _ torrent: Torrent, folder: URL, port: UInt16? = nil, corrupts: Bool = false, rate: Int = 0
  ) async throws -> TorrentPeer {
    let port = try port ?? LocalPort.free()
    return try await BlockingThread.run(named: "seed") {
      let peer = try TorrentPeer(
        python, ["-c", seeder, torrent.file.path, folder.path, "\(port)", "\(rate)", corrupts ? "corrupt" : "honest"],
        port: port, host: corrupts ? "127.0.0.2" : "127.0.0.1")
      try peer.waitUntilListening()
      return peer
    }
  }

  private static let maker = """
    import libtorrent as lt, os, sys
    root, out, version, piece, count = sys.argv[1:6]
    trackers, seeds = sys.argv[6:6 + int(count)], sys.argv[6 + int(count):]
    files = lt.file_storage()
    lt.add_files(files, root)
    flags = {'v1': lt.create_torrent.v1_only, 'v2': lt.create_torrent.v2_only, 'hybrid': 0}[version]
    made = lt.create_torrent(files, int(piece), flags)
    for tracker in trackers: made.add_tracker(tracker)
    for seed in seeds: made.add_url_seed(seed)
    lt.set_piece_hashes(made, os.path.dirname(root))
    bytes = lt.bencode(made.generate())
    open(out, 'wb').write(bytes)
    info = lt.torrent_info(out)
    print(info.info_hash())
    print(lt.make_magnet_uri(info))
    """

  /// It listens only once its files are checked, so that whoever can connect finds a seed.
  private static let seeder = """
    import libtorrent as lt, os, sys, time
    torrent, folder, port, rate, kind = sys.argv[1:6]
    session = lt.session({'listen_interfaces': '', 'enable_dht': False, 'enable_lsd': False, 'enable_upnp': False,
      'enable_natpmp': False, 'allow_multiple_connections_per_ip': True, 'alert_mask': 0})
    info = lt.torrent_info(torrent)
    handle = session.add_torrent({'ti': info, 'save_path': folder})
    handle.unset_flags(lt.torrent_flags.auto_managed)
    handle.resume()
    while not handle.status().is_seeding: time.sleep(0.01)
    if kind == 'corrupt':
      files = info.files()
      for index in range(files.num_files()):
        if files.file_flags(index) & 1 or files.file_size(index) == 0: continue
        with open(os.path.join(folder, files.file_path(index)), 'r+b') as file:
          size = files.file_size(index)
          # The last byte too: a piece of version 1 may hold nothing but a file's last bytes.
          for at in {*range(0, size, 16384), size - 1}:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 1]))
    filter = lt.ip_filter()
    filter.add_rule('0.0.0.0', '255.255.255.255', 1)
    session.set_peer_class_filter(filter)
    session.apply_settings({'listen_interfaces': ('127.0.0.2:' if kind == 'corrupt' else '127.0.0.1:') + port, 'upload_rate_limit': int(rate)})
    parent = os.getppid()
    while os.getppid() == parent: time.sleep(0.2)
    """
}
