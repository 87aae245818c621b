internal import Foundation

/// A limit of setrlimit(2).
enum Limit {
  /// Bytes of address space; allocations beyond it fail.
  case addressSpace(UInt64)
  /// Processor time, after which SIGXCPU comes each second, and from `most` on SIGKILL.
  case processorSeconds(UInt64, most: UInt64)
  /// The largest file that can be written; more is EFBIG.
  case fileBytes(UInt64)
  case descriptors(UInt64)
  /// A core file would hold a stranger's bytes, and the disk may be full of clips.
  case noCore
}

extension Confinement {
  static func limit(_ limits: [Limit]) throws(ConfinementError) {
    // The limit on files is to be an error of the call that exceeds it, not the end of the process.
    signal(SIGXFSZ, SIG_IGN)
    for limit in limits {
      switch limit {
      case .addressSpace(let bytes): try set(RLIMIT_AS, bytes)
      // At the hard limit the kernel sends SIGKILL, which would look like somebody's doing.
      case .processorSeconds(let seconds, let most): try set(RLIMIT_CPU, seconds, grace: most - seconds + 5)
      case .fileBytes(let bytes): try set(RLIMIT_FSIZE, bytes)
      case .descriptors(let count): try set(RLIMIT_NOFILE, count)
      case .noCore: try set(RLIMIT_CORE, 0)
      }
    }
  }

  /// Never raises what is lower already.
  ///
  /// - Parameter grace: how far the hard limit is beyond.
  private static func set(
    _ resource: __rlimit_resource, _ value: UInt64, grace: UInt64 = 0
  ) throws(ConfinementError) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else {
      throw ConfinementError("getrlimit", errno)
    }
    let hard = min(rlim_t(value + grace), limit.rlim_max)
    limit = rlimit(rlim_cur: min(rlim_t(value), hard), rlim_max: hard)
    guard setrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0 else {
      throw ConfinementError("setrlimit", errno)
    }
  }
}
