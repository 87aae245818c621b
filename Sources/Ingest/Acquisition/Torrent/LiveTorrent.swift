internal import CTorrent
internal import Foundation
internal import Vocabulary

/// One torrent in the session, until the value goes away.
struct LiveTorrent: ~Copyable {
  private let session: TorrentSession
  private let library: TorrentSession.Library
  private let number: Int64
  private let pointer: OpaquePointer
  let inbox: TorrentInbox

  /// How a torrent begins.
  struct Start {
    var resume: [UInt8]?
    var wantedFiles: [UInt8] = []
    var priorities: [UInt8] = []
    var isSequential = false
    var isPaused = false
  }

  /// - Parameter metainfo: nil for a magnet link whose metadata is not here: nothing but that is fetched.
  /// - Throws: `AcquisitionError` when the session does not take it.
  init(
    _ session: TorrentSession, _ source: TorrentSource, _ metainfo: Metainfo?, payload: BytePath, _ start: Start
  ) throws {
    let (library, number, inbox) = try session.join()
    var error = [CChar](repeating: 0, count: Int(CTORRENT_TEXT))
    let added = payload.withCString { path in
      withOptionalCString(source.isMagnet ? source.torrent : nil) { magnet in
        withCStrings(source.webSeeds) { seeds in
          (start.resume ?? []).withUnsafeBytes { resume in
            start.wantedFiles.withUnsafeBufferPointer { files in
              start.priorities.withUnsafeBufferPointer { pieces in
                var add = ctorrent_add_parameters()
                add.number = number
                add.metainfo = metainfo?.pointer
                add.magnet = magnet
                add.save_path = path
                add.resume = start.resume == nil ? nil : resume.baseAddress?.assumingMemoryBound(to: CChar.self)
                add.resume_length = resume.count
                add.web_seeds = seeds.baseAddress
                add.web_seed_count = seeds.count
                add.file_priorities = metainfo == nil ? nil : files.baseAddress
                add.file_count = files.count
                add.piece_priorities = metainfo == nil ? nil : pieces.baseAddress
                add.piece_count = pieces.count
                add.is_sequential = start.isSequential
                add.is_paused = start.isPaused
                add.may_upload = source.keepsPayload
                return ctorrent_add(library.pointer, &add, &error)
              }
            }
          }
        }
      }
    }
    guard let added else {
      session.leave(number)
      throw AcquisitionError(isPermanent: true, "source \(source.id): libtorrent refuses the torrent: \(text(error))")
    }
    self.session = session
    self.library = library
    self.number = number
    self.inbox = inbox
    pointer = added
  }

  deinit {
    ctorrent_remove(library.pointer, pointer)
    session.leave(number)
  }

  var status: ctorrent_status {
    var status = ctorrent_status()
    _ = ctorrent_get_status(pointer, &status)
    return status
  }

  /// Which of `count` pieces are here; nil while that is not known.
  func pieces(_ count: Int) -> [Bool]? {
    var flags = [UInt8](repeating: 0, count: count)
    return ctorrent_get_pieces(pointer, &flags, count) ? flags.map { $0 != 0 } : nil
  }

  /// For each of `count` pieces, how many of the connected peers have it; nil where nobody knows.
  func availability(_ count: Int) -> [UInt8]? {
    var numbers = [UInt8](repeating: 0, count: count)
    return ctorrent_get_availability(pointer, &numbers, count) ? numbers : nil
  }

  /// The info dictionary that peers sent for a magnet link.
  var metadata: [UInt8]? {
    var length = 0
    guard let bytes = ctorrent_copy_metadata(pointer, &length) else { return nil }
    defer { free(bytes) }
    return Array(UnsafeRawBufferPointer(start: bytes, count: length))
  }

  func set(isSequential: Bool) { ctorrent_set_sequential(pointer, isSequential) }
  func set(isPaused: Bool) { ctorrent_set_paused(pointer, isPaused) }
  func set(priorities: [UInt8]) { ctorrent_set_priorities(pointer, priorities, priorities.count) }
  func saveResume() { ctorrent_save_resume(pointer) }
  func recheck() { ctorrent_recheck(pointer) }

  /// Connects to each `host:port`; names are looked up, which may block. What is none is told by its text.
  func connect(_ peers: [String]) -> String? {
    var fault: String?
    for peer in peers {
      let addresses = PeerAddress.resolve(peer)
      if addresses.isEmpty { fault = "peer \(peer) cannot be found" }
      for address in addresses { _ = ctorrent_connect(pointer, address.host, address.port) }
    }
    return fault
  }
}

/// Calls `body` with C strings, valid during the call only.
private func withCStrings<Result>(
  _ strings: [String], _ body: (UnsafeBufferPointer<UnsafePointer<CChar>?>) throws -> Result
) rethrows -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return try copies.map { UnsafePointer($0) }.withUnsafeBufferPointer { try body($0) }
}
