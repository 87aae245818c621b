internal import CCurl
internal import Foundation

/// libcurl's multi handle with the transfers that it drives. Belongs to one thread.
final class TransferSet {
  private let multi: UnsafeMutableRawPointer
  private(set) var transfers: [Transfer] = []

  init() throws {
    guard let multi = curl_multi_init() else { throw AcquisitionError(isPermanent: false, "libcurl: out of memory") }
    self.multi = multi
  }

  deinit {
    for transfer in transfers { curl_multi_remove_handle(multi, transfer.handle) }
    curl_multi_cleanup(multi)
  }

  func add(_ transfer: Transfer) throws {
    let code = curl_multi_add_handle(multi, transfer.handle)
    if code != CURLM_OK { throw Self.failure(code) }
    transfers.append(transfer)
  }

  /// Ends a transfer; its connection is closed unless its answer was complete.
  func remove(_ transfer: Transfer) {
    curl_multi_remove_handle(multi, transfer.handle)
    transfers.removeAll { $0 === transfer }
  }

  func removeAll() { for transfer in transfers { remove(transfer) } }

  /// Moves bytes for as long as there are any, then waits at most `milliseconds` for more. Returns what ended.
  func drive(milliseconds: Int32) throws -> [(transfer: Transfer, code: CURLcode)] {
    var running: Int32 = 0
    var code = curl_multi_perform(multi, &running)
    if code != CURLM_OK { throw Self.failure(code) }
    let ended = try takeEnded()
    if !ended.isEmpty { return ended }
    code = curl_multi_poll(multi, nil, 0, milliseconds, nil)
    if code != CURLM_OK { throw Self.failure(code) }
    return []
  }

  private func takeEnded() throws -> [(transfer: Transfer, code: CURLcode)] {
    var ended: [(transfer: Transfer, code: CURLcode)] = []
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE else { continue }
      // The message is gone once its handle is removed.
      let (handle, code) = (message.pointee.easy_handle, message.pointee.data.result)
      guard let transfer = transfers.first(where: { $0.handle == handle }) else { continue }
      ended.append((transfer, code))
    }
    for (transfer, _) in ended { remove(transfer) }
    return ended
  }

  private static func failure(_ code: CURLMcode) -> AcquisitionError {
    AcquisitionError(isPermanent: false, "libcurl: \(String(cString: curl_multi_strerror(code)))")
  }
}
