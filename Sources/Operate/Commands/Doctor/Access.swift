internal import CLinux
internal import Foundation
internal import Vocabulary

/// The user that the daemon runs as, and what it may do with files: by what the kernel says where that is whoever asks, else by
/// their owners and modes. Files with an access control list get the benefit of the doubt.
package struct DaemonUser: Sendable {
  package var name: String
  package var user: UInt32
  package var groups: Set<UInt32>

  package init(name: String, user: UInt32, groups: Set<UInt32>) {
    self.name = name
    self.user = user
    self.groups = groups
  }

  /// The service's where there is one, that of the daemon that runs, else whoever asks.
  ///
  /// - Parameter pid: of a daemon that is no service.
  init(service: SystemdService?, running pid: Int32? = nil) {
    var status = stat()
    if let pid = service.map(\.pid) ?? pid, stat("/proc/\(pid)", &status) == 0 {
      self.init(user: status.st_uid)
    } else if service != nil, let entry = getpwnam("primatrix") {
      self.init(user: entry.pointee.pw_uid)
    } else {
      self.init(user: geteuid())
    }
  }

  private init(user: uid_t) {
    guard let entry = getpwuid(user) else {
      self.init(name: "user \(user)", user: user, groups: [])
      return
    }
    var groups = [gid_t](repeating: 0, count: 256)
    var count = Int32(groups.count)
    let found = getgrouplist(entry.pointee.pw_name, entry.pointee.pw_gid, &groups, &count)
    self.init(
      name: String(cString: entry.pointee.pw_name), user: user,
      groups: found < 0 ? [entry.pointee.pw_gid] : Set(groups.prefix(Int(count))))
  }

  /// What may be wanted of a file: bits of a mode.
  package struct Wish: OptionSet, Sendable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }
    package static let read = Wish(rawValue: 4)
    package static let write = Wish(rawValue: 2)
    package static let search = Wish(rawValue: 1)
  }

  package func may(_ wish: Wish, owner: UInt32, group: UInt32, mode: UInt32) -> Bool {
    if user == 0 { return true }
    let shift: UInt32 = owner == user ? 6 : groups.contains(group) ? 3 : 0
    return Wish(rawValue: mode >> shift & 7).isSuperset(of: wish)
  }

  /// Why a path cannot be used so; nil when it can.
  func obstacle(_ wish: Wish, _ path: BytePath) -> String? {
    var parent = path
    var folders: [BytePath] = []
    while parent != parent.deletingLastComponent, !parent.bytes.isEmpty {
      parent = parent.deletingLastComponent
      folders.insert(parent, at: 0)
    }
    for folder in folders {
      if let reason = refusal(.search, folder) { return reason }
    }
    return refusal(wish, path)
  }

  private func refusal(_ wish: Wish, _ path: BytePath) -> String? {
    var status = stat()
    guard path.withCString({ stat($0, &status) }) == 0 else {
      let code = errno
      return code == EACCES ? nil : "\(path): \(String(cString: strerror(code)))"
    }
    if user == geteuid() {
      // A wish's bits are those of access(2).
      if path.withCString({ access($0, Int32(wish.rawValue)) }) == 0 { return nil }
    } else if may(wish, owner: status.st_uid, group: status.st_gid, mode: status.st_mode)
      || path.withCString({ clinux_has_access_list($0) }) == 1
    {
      return nil
    }
    let what = wish.contains(.write) ? "write to" : wish == .search ? "pass through" : "read"
    return "\(name) may not \(what) \(path)"
  }
}
