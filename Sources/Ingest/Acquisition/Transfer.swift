internal import CCurl
internal import Foundation
internal import Vocabulary

/// One request by libcurl. Its callbacks run on the thread that called `perform`.
final class Transfer {
  enum End {
    case complete(Digest)
    /// The rest that was asked for belongs to another file, or cannot be had.
    case mustRestart
  }

  let url: String
  private let place: Place
  private let known: Place.Part?
  private let stop: StopFlag
  private let progress: @Sendable (DownloadProgress) -> Void
  private let handle: UnsafeMutableRawPointer
  private(set) var head = ResponseHead()
  private var part: PartFile
  private var isBegun = false
  private var mustRestart = false
  private var failure: (any Error)?
  private var durable: Int64 = 0
  private var lastTold = 0.0

  private static let checkpoint: Int64 = 64 << 20

  init(
    url: String, place: Place, known: Place.Part?, stop: StopFlag,
    progress: @escaping @Sendable (DownloadProgress) -> Void
  ) throws {
    self.url = url
    self.place = place
    self.known = known
    self.stop = stop
    self.progress = progress
    part = try PartFile(place.part)
    if let known {
      if try part.keep(known.durable) { durable = known.durable } else { mustRestart = true }
    }
    guard let handle = curl_easy_init() else { throw AcquisitionError(isPermanent: false, "libcurl: out of memory") }
    self.handle = handle
  }

  deinit { curl_easy_cleanup(handle) }

  func perform() throws -> End {
    if mustRestart { return .mustRestart }
    var headers: UnsafeMutablePointer<curl_slist>?
    defer { curl_slist_free_all(headers) }
    if let known {
      // libcurl's own resuming sends no If-Range and would join two versions of a file.
      headers = curl_slist_append(headers, "Range: bytes=\(known.durable)-")
      headers = curl_slist_append(headers, "If-Range: \(known.entityTag)")
    }
    configure(headers)
    let code = curl_easy_perform(handle)
    if let failure { throw failure }
    if stop.isRaised || code != CURLE_OK { try saveProgress() }
    if stop.isRaised { throw CancellationError() }
    if mustRestart || (head.status == 416 && known != nil) { return .mustRestart }
    guard code == CURLE_OK else { throw error(code) }
    return try end()
  }

  /// libcurl is content; is it the whole file?
  private func end() throws -> End {
    guard [200, 206].contains(head.status) else { throw unusable() }
    // An empty file has no first byte to begin at.
    if !isBegun, try !begin() { return .mustRestart }
    if let total, part.bytes != total {
      try saveProgress()
      throw AcquisitionError(
        isPermanent: false, "\(Self.shown(url)): the server ended after \(part.bytes) of \(total) bytes")
    }
    try saveProgress()
    return .complete(part.digest())
  }

  private func configure(_ headers: UnsafeMutablePointer<curl_slist>?) {
    ccurl_set_string(handle, CURLOPT_URL, url)
    ccurl_set_string(handle, CURLOPT_PROTOCOLS_STR, "http,https")
    ccurl_set_string(handle, CURLOPT_REDIR_PROTOCOLS_STR, "http,https")
    ccurl_set_string(handle, CURLOPT_USERAGENT, "primatrix/\(Version.text)")
    let numbers: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FAILONERROR, 1), (CURLOPT_FOLLOWLOCATION, 1), (CURLOPT_MAXREDIRS, 10),
      (CURLOPT_CONNECTTIMEOUT, 30), (CURLOPT_LOW_SPEED_LIMIT, 1), (CURLOPT_LOW_SPEED_TIME, 60),
      (CURLOPT_NOPROGRESS, 0), (CURLOPT_TCP_KEEPALIVE, 1), (CURLOPT_BUFFERSIZE, 512 << 10),
    ]
    for (option, value) in numbers { ccurl_set_long(handle, option, value) }
    ccurl_set_pointer(handle, CURLOPT_HTTPHEADER, headers)
    let own = Unmanaged.passUnretained(self).toOpaque()
    for option in [CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_XFERINFODATA] {
      ccurl_set_pointer(handle, option, own)
    }
    ccurl_set_data_callback(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, user in
      Transfer.own(user).head.take(String(decoding: Transfer.buffer(bytes, size * count), as: UTF8.self))
      return size * count
    }
    ccurl_set_data_callback(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, user in
      Transfer.own(user).take(Transfer.buffer(bytes, size * count)) ? size * count : 0
    }
    ccurl_set_progress_callback(handle) { user, _, _, _, _ in Transfer.own(user).stop.isRaised ? 1 : 0 }
  }

  private static func own(_ user: UnsafeMutableRawPointer?) -> Transfer {
    guard let user else { preconditionFailure("libcurl hands back what it was given") }
    return Unmanaged<Transfer>.fromOpaque(user).takeUnretainedValue()
  }

  private static func buffer(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: bytes, count: count)
  }

  /// Takes a piece of the body; false ends the transfer.
  private func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    do {
      if !isBegun, try !begin() { return false }
      try part.append(bytes)
      if part.bytes - durable >= Self.checkpoint { try saveProgress() }
      tell()
      return true
    } catch {
      failure = error
      return false
    }
  }

  /// Looks at the head before the first byte: does this body go on where the part ends? False when not.
  private func begin() throws -> Bool {
    isBegun = true
    if head.status == 206 {
      guard let known, let range = head.range, range.first == known.durable, head.strongTag == known.entityTag,
        known.total == nil || range.total == known.total
      else {
        mustRestart = true
        return false
      }
      return true
    }
    guard head.status == 200 else { throw unusable() }
    try place.dropPartRecord()
    durable = 0
    return try part.keep(0)
  }

  private var total: Int64? { head.status == 206 ? head.range?.total : head.length }

  /// Writes down how far one may go on from, where the server gives a tag to go on by.
  private func saveProgress() throws {
    guard isBegun, !mustRestart, let tag = head.strongTag, part.bytes > durable else { return }
    try part.sync()
    durable = part.bytes
    try place.write(Place.Part(url: url, entityTag: tag, total: total, durable: durable))
  }

  private func tell() {
    let now = ProcessInfo.processInfo.systemUptime
    guard now - lastTold >= 0.25 else { return }
    lastTold = now
    progress(DownloadProgress(bytes: part.bytes, total: total))
  }
}
