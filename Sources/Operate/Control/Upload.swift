internal import Foundation

/// A request under way: what has come of its body.
final class Upload {
  private let limit: Int
  private(set) var body = Data()

  init(limit: Int) { self.limit = limit }

  /// False when it is more than may come: whoever goes on after being told so is not listened to.
  func add(_ bytes: UnsafePointer<CChar>?, _ count: Int) -> Bool {
    guard let bytes, body.count + count <= limit else { return false }
    body.append(UnsafeRawPointer(bytes).assumingMemoryBound(to: UInt8.self), count: count)
    return true
  }
}
