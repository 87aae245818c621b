internal import CLinux
internal import Foundation
internal import Vocabulary

/// Who may use the control socket: root, the daemon's own user, and members of the socket's group. The file's mode says the
/// same; a mode that was loosened, or a socket that somebody made reachable by other ways, opens nothing.
package struct Admission: Gate {
  private let user: uid_t
  private let group: gid_t

  package init(user: UInt32, group: UInt32) {
    self.user = user
    self.group = group
  }

  /// For the daemon's user and the group of its socket's file.
  init(socket: BytePath) {
    var status = stat()
    let isThere = socket.withCString { stat($0, &status) } == 0
    self.init(user: geteuid(), group: isThere ? status.st_gid : getegid())
  }

  /// What every group looks like that a service with users of its own (PrivateUsers=) has no number for: it names nobody.
  private static let unknown: gid_t = 65534

  /// - Parameter groups: all of the peer's.
  package func admits(user: UInt32, groups: [UInt32]) -> Bool {
    user == 0 || user == self.user || (group != Self.unknown && groups.contains(group))
  }

  /// The same for whoever is at the other end of a connected socket, as the kernel saw it at connect. Nobody is let in of
  /// whom it says nothing.
  func admits(_ descriptor: Int32) -> Bool {
    var user: uid_t = 0
    var groups = [gid_t](repeating: 0, count: 1024)
    let count = clinux_peer(descriptor, &user, &groups, Int32(groups.count))
    return count >= 0 && admits(user: user, groups: Array(groups.prefix(Int(count))))
  }

  /// A Unix socket has no name but its path.
  func admits(host: String?) -> Bool { true }

  var refusal: ControlAnswer {
    .problem(403, "you may not talk to primatrixd", next: "join its group, by default `primatrix`, or ask as root")
  }
}
