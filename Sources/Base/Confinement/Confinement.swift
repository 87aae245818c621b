internal import CLinux
internal import Foundation

/// Takes from this process what parsing a stranger's bytes does not need: Landlock for paths, seccomp for system calls,
/// limits for resources. Called once, when libraries are initialised and before the first such byte; there is no way
/// back. What the process opened before stays open.
package enum Confinement {
  /// What this kernel had to offer.
  package struct Strength: Sendable, Equatable {
    /// Version of Landlock's interface, 0 where the kernel has none; the system-call filter stands in any case.
    package var landlock: Int32
  }

  /// For a process that works on descriptors it holds: no path, no socket, no program, no process, no thread, no
  /// executable memory, no file written; 1 GiB of address space besides `sharedBytes` that are mapped already.
  package static func decoder(sharedBytes: Int) throws(ConfinementError) -> Strength {
    try limit([
      .addressSpace(1 << 30 + UInt64(sharedBytes)), .processorSeconds(600, most: 600), .fileBytes(0), .descriptors(16),
      .noCore,
    ])
    return try confine(readable: nil, writable: nil, filter: .decoder)
  }

  /// For a process that works on descriptors it holds, reads what lies at one path and makes files below one directory: no
  /// other path, no socket, no program, no process, no further thread, no executable memory; 4 GiB of address space.
  ///
  /// - Parameters:
  ///   - readable: a descriptor of the file or directory (O_PATH is enough); nil: nothing is read by its path.
  ///   - writable: a descriptor of the directory (O_PATH is enough).
  ///   - fileBytes: the largest file it may write.
  ///   - processorSeconds: SIGXCPU comes after the first of them and then each second until the last, some seconds behind
  ///     which the process is ended.
  ///   - startThreads: starts the threads that the process is going to need, and returns when they run. They hold the
  ///     same descriptors and are confined alike.
  package static func unpacker(
    readable: Int32?, writable: Int32, fileBytes: Int64, processorSeconds: ClosedRange<Int64>,
    startThreads: () -> Void = {}
  ) throws(ConfinementError) -> Strength {
    let seconds = max(1, processorSeconds.lowerBound)
    try limit([
      .addressSpace(4 << 30),
      .processorSeconds(UInt64(seconds), most: UInt64(max(seconds, processorSeconds.upperBound))),
      .fileBytes(UInt64(max(0, fileBytes))), .descriptors(1024), .noCore,
    ])
    return try confine(readable: readable, writable: writable, filter: .unpacker, startThreads: startThreads)
  }

  private static func confine(
    readable: Int32?, writable: Int32?, filter: SystemCalls, startThreads: () -> Void = {}
  ) throws(ConfinementError) -> Strength {
    var version: Int32 = 0
    let code = clinux_landlock(readable ?? -1, writable ?? -1, &version)
    guard code == 0 else { throw ConfinementError("landlock", code) }
    // Between the two: Landlock is inherited by new threads only, the filter is given to all.
    startThreads()
    try filter.load()
    return Strength(landlock: version)
  }
}

/// Confinement that this kernel refused. Nothing untrusted may be read then.
package struct ConfinementError: Error, CustomStringConvertible {
  /// The call that failed, and its errno.
  package var call: String
  package var code: Int32

  init(_ call: String, _ code: Int32) {
    self.call = call
    self.code = code
  }

  package var description: String {
    "this process cannot be confined: \(call): \(String(cString: strerror(code))); Primatrix needs a kernel with seccomp"
  }
}
