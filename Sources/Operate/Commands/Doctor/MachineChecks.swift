internal import CLinux
package import Foundation
internal import Vocabulary

/// The machine itself, whatever the configuration says.
package enum MachineChecks {
  // MARK: processor and memory

  package static func processor(cores: Int, flags: Set<String>) -> Finding {
    let known = [("avx2", "AVX2"), ("avx512f", "AVX-512"), ("avx512_bf16", "bfloat16")]
    let has = known.filter { flags.contains($0.0) }.map(\.1)
    let words = "\(Words.count(cores, "core"))\(has.isEmpty ? "" : ", \(has.joined(separator: ", "))")"
    guard flags.isSuperset(of: ["avx2", "fma"]) else {
      return .warning(
        "processor", "\(words), without AVX2", next: "networks run and train several times slower here; use a newer one"
      )
    }
    return .ok("processor", words)
  }

  /// - Parameters:
  ///   - total: of the machine, in bytes, and what is available now.
  ///   - each: what one worker takes.
  package static func memory(total: Int64, available: Int64, workers: Int, each: Int64) -> Finding {
    let words =
      "\(Words.bytes(total)), \(Words.bytes(available)) of it available; \(Words.count(workers, "worker"))"
      + " of \(Words.bytes(each)) each"
    let fitting = max(1, Int(total / 4 * 3 / each))
    if each > total {
      return .failed(
        "memory", words, next: "one worker does not fit: name fewer or smaller networks in [features] backbones")
    }
    if workers > fitting {
      return .warning("memory", words, next: "set [features] workers to \(fitting), or to \"auto\"")
    }
    if available < each {
      return .warning("memory", words, next: "end what takes the memory, or the machine will swap")
    }
    return .ok("memory", words)
  }

  /// Bytes by name, as `/proc/meminfo` has them in kB.
  package static func meminfo(_ text: String) -> [String: Int64] {
    var amounts: [String: Int64] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split { $0 == ":" || $0 == " " }
      if words.count == 3, words[2] == "kB", let count = Int64(words[1]) { amounts[String(words[0])] = count << 10 }
    }
    return amounts
  }

  // MARK: kernel

  /// - Parameters:
  ///   - landlock: version of its interface, 0 for none.
  ///   - canKill: whether seccomp can end a process.
  package static func sandbox(landlock: Int, canKill: Bool) -> Finding {
    guard canKill else {
      return .failed(
        "sandbox", "the kernel has no seccomp filters: no archive and no video is opened without",
        next: "run a kernel with CONFIG_SECCOMP_FILTER, or a container that lets them through")
    }
    if landlock < 1 {
      return .warning(
        "sandbox", "seccomp filters, but no Landlock: decoders are held by the list of system calls alone",
        next: "use Linux 5.13 or later with landlock among its security modules (lsm=), or let the container have it")
    }
    return .ok("sandbox", "seccomp filters, and Landlock version \(landlock)")
  }

  /// - Parameters:
  ///   - watches: how many folders a user may watch, and how often it may begin to.
  ///   - folders: in the watched folders, themselves included; `watched` of them are configured.
  package static func inotify(watches: Int, instances: Int, folders: Int, watched: Int) -> Finding {
    let words = "\(watches) folders may be watched, \(folders) are to be; \(Words.count(instances, "instance")) a user"
    if folders > watches / 4 * 3 {
      return .warning(
        "inotify", words,
        next: "sysctl fs.inotify.max_user_watches=\(max(folders * 4, 65_536)); else clips are found by looking only")
    }
    if watched > instances / 2 {
      return .warning("inotify", words, next: "sysctl fs.inotify.max_user_instances=\(watched * 4)")
    }
    return .ok("inotify", words)
  }

  // MARK: clock

  /// When this version was made: no clock can be right that says less.
  private static let born: Double = 1_767_225_600  // 2026-01-01

  /// - Parameter isSynchronised: nil where the kernel does not say.
  package static func clock(now: Date, isSynchronised: Bool?) -> Finding {
    let time = now.formatted(.iso8601)
    let seconds = now.timeIntervalSince1970
    if seconds < born || seconds > born + 30 * 365.25 * 86400 {
      return .failed("clock", "it says \(time), which cannot be", next: "set it: timedatectl set-ntp true")
    }
    switch isSynchronised {
    case true?: return .ok("clock", "\(time), synchronised")
    case nil: return .ok("clock", "\(time); whether it is synchronised is not known")
    case false?:
      return .warning(
        "clock", "\(time), not synchronised",
        next: "timedatectl set-ntp true; times of clips and schedules depend on it")
    }
  }

  // MARK: what is here

  static func here(workers: Int, each: Int64) -> [Finding] {
    let memory = meminfo((try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? "")
    let actions = try? String(contentsOfFile: "/proc/sys/kernel/seccomp/actions_avail", encoding: .utf8)
    let synchronised = clinux_clock_is_synchronised()
    return [
      self.memory(
        total: memory["MemTotal"] ?? Int64(clamping: ProcessInfo.processInfo.physicalMemory),
        available: memory["MemAvailable"] ?? 0, workers: workers, each: each),
      sandbox(
        landlock: Int(clinux_landlock_version()),
        canKill: (actions ?? "").split(whereSeparator: \.isWhitespace).contains("kill_process")),
      clock(now: Date(), isSynchronised: synchronised < 0 ? nil : synchronised == 1),
    ]
  }
}
