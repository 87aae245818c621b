internal import CLinux
internal import Foundation

/// Memory of a fixed size that two processes see. The decoder writes a slot, then replies; the other side reads a slot
/// after its reply and before it asks for another clip in it.
final class FrameMemory {
  let descriptor: Int32
  let bytes: UnsafeMutableRawBufferPointer

  /// New memory, mapped for reading only: what is written here comes from the decoder.
  init(byteCount: Int) throws(ExchangeError) {
    let made = clinux_shared_memory(byteCount)
    guard made >= 0 else { throw .system("memfd_create", -made) }
    descriptor = made
    do throws(ExchangeError) {
      bytes = try Self.map(made, byteCount, PROT_READ)
    } catch {
      close(made)
      throw error
    }
  }

  /// Memory that was handed over, as large as it is. Takes ownership of the descriptor.
  init(adopting descriptor: Int32) throws(ExchangeError) {
    self.descriptor = descriptor
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw .system("fstat", errno) }
    bytes = try Self.map(descriptor, Int(status.st_size), PROT_READ | PROT_WRITE)
  }

  deinit {
    munmap(bytes.baseAddress, bytes.count)
    close(descriptor)
  }

  private static func map(
    _ descriptor: Int32, _ count: Int, _ protection: Int32
  ) throws(ExchangeError) -> UnsafeMutableRawBufferPointer {
    guard let start = mmap(nil, count, protection, MAP_SHARED, descriptor, 0), start != MAP_FAILED else {
      throw .system("mmap", errno)
    }
    return UnsafeMutableRawBufferPointer(start: start, count: count)
  }
}
