internal import Foundation
internal import Vocabulary
package import WorkUnits

/// Where a worker under way hears from the daemon.
package protocol InstructionSource {
  /// The newest instruction that nobody has seen yet.
  ///
  /// - Parameter isWaiting: blocks until there is one; otherwise nil says that there is none now.
  /// - Throws: `WorkError(.environment)` when it waits and no instruction will ever come.
  func newest(isWaiting: Bool) throws -> WorkInstruction?
}

/// Instructions as JSON lines on a descriptor, which stays the caller's.
package final class InstructionLines: InstructionSource {
  private let descriptor: Int32
  private var pending: [UInt8] = []
  private var hasEnded = false

  /// A line of the daemon has some dozens of bytes.
  private static let lineLimit = 64 << 10

  package init(descriptor: Int32) {
    self.descriptor = descriptor
  }

  package func newest(isWaiting: Bool) throws -> WorkInstruction? {
    var newest: WorkInstruction?
    while !hasEnded, try canRead(isWaiting: isWaiting && newest == nil) {
      try fill()
      newest = try takeLines() ?? newest
    }
    if newest == nil && isWaiting {
      throw WorkError(.environment, "the daemon that this worker belongs to has gone; a new one starts the work again")
    }
    return newest
  }

  private func canRead(isWaiting: Bool) throws -> Bool {
    var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    while true {
      let count = poll(&polled, 1, isWaiting ? -1 : 0)
      if count >= 0 { return count > 0 }
      if errno != EINTR { throw WorkError(.environment, "standard input: \(String(cString: strerror(errno)))") }
    }
  }

  private func fill() throws {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &buffer, buffer.count)
    if count > 0 {
      pending += buffer.prefix(count)
    } else if count == 0 {
      hasEnded = true
    } else if errno != EINTR {
      throw WorkError(.environment, "standard input: \(String(cString: strerror(errno)))")
    }
  }

  /// Of several lines only the last counts.
  private func takeLines() throws -> WorkInstruction? {
    guard let end = pending.lastIndex(of: UInt8(ascii: "\n")) else {
      if pending.count > Self.lineLimit { throw Self.unreadable }
      return nil
    }
    let line = pending[..<end].split(separator: UInt8(ascii: "\n")).last ?? []
    pending.removeSubrange(...end)
    guard let instruction = try? CanonicalJSON.decode(WorkInstruction.self, from: Data(line)) else {
      throw Self.unreadable
    }
    return instruction
  }

  private static let unreadable = WorkError(
    .failure, "standard input: not an instruction that this version knows; are all programs of one release?")
}
