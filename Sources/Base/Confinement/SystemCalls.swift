internal import CSeccomp
internal import Foundation

/// A list of system calls that a process may still make. Any other ends it with SIGSYS: whoever tries one is no longer
/// running our program.
struct SystemCalls {
  /// Allowed whatever their arguments.
  var allowed: [String]
  /// Allowed only when the condition holds.
  var conditional: [Conditional] = []
  /// Fail with errno and do nothing: what libraries try and can do without.
  var refused: [(errno: Int32, calls: [String])]

  /// argument & mask == value.
  struct Conditional {
    var call: String
    var argument: UInt32
    var mask: UInt64
    var value: UInt64
    /// The errno when the condition does not hold; nil: SIGSYS.
    var otherwise: Int32?
  }

  /// Compiles the list and gives it to the kernel, for all threads of the process.
  func load() throws(ConfinementError) {
    guard let filter = seccomp_init(SCMP_ACT_KILL_PROCESS) else { throw ConfinementError("seccomp_init", ENOMEM) }
    defer { seccomp_release(filter) }
    try check("seccomp_attr_set", seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1))
    for call in allowed { try add(filter, SCMP_ACT_ALLOW, call, nil) }
    for (code, calls) in refused { for call in calls { try add(filter, Self.failing(code), call, nil) } }
    for rule in conditional {
      let mask = rule.mask
      let matches = scmp_arg_cmp(arg: rule.argument, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: rule.value)
      try add(filter, SCMP_ACT_ALLOW, rule.call, matches)
      guard let code = rule.otherwise else { continue }
      // libseccomp knows no "else": every other value of one masked bit is named.
      precondition(mask.nonzeroBitCount == 1, "only one bit has exactly one other value")
      let differs = scmp_arg_cmp(arg: rule.argument, op: SCMP_CMP_MASKED_EQ, datum_a: mask, datum_b: rule.value ^ mask)
      try add(filter, Self.failing(code), rule.call, differs)
    }
    try check("seccomp_load", seccomp_load(filter))
  }

  private func add(
    _ filter: scmp_filter_ctx, _ action: UInt32, _ name: String, _ condition: scmp_arg_cmp?
  ) throws(ConfinementError) {
    let number = seccomp_syscall_resolve_name(name)
    guard number != __NR_SCMP_ERROR else { preconditionFailure("\(name) is no system call") }
    if let condition {
      try check("seccomp_rule_add \(name)", seccomp_rule_add_array(filter, action, number, 1, [condition]))
    } else {
      try check("seccomp_rule_add \(name)", seccomp_rule_add_array(filter, action, number, 0, nil))
    }
  }

  private func check(_ call: String, _ code: Int32) throws(ConfinementError) {
    if code != 0 { throw ConfinementError(call, -code) }
  }

  /// SCMP_ACT_ERRNO(code), a macro that Swift does not import.
  private static func failing(_ code: Int32) -> UInt32 { 0x0005_0000 | UInt32(code) }
}
