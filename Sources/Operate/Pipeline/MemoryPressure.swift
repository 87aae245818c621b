internal import Foundation

/// Whether the machine is short of memory, by how long its tasks wait for it (the kernel's pressure stall information).
package struct MemoryPressure: Sendable {
  /// While it is short, no unit is begun beside another.
  package private(set) var isShort = false

  /// Percent of the last ten seconds in which everything waited: where it begins, and where it is over. Apart, so that it does
  /// not come and go with every unit.
  private static let begins = 20.0
  private static let ends = 5.0

  package init() {}

  /// - Parameter share: nil where the kernel does not tell, which is no shortage.
  /// - Returns: whether it has begun or ended.
  package mutating func look(_ share: Double?) -> Bool {
    let before = isShort
    isShort = (share ?? 0) >= (before ? Self.ends : Self.begins)
    return isShort != before
  }

  /// `full avg10=0.12 avg60=...` of a pressure file; nil for anything else.
  package static func share(_ text: String) -> Double? {
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("full ") }),
      let field = line.split(separator: " ").first(where: { $0.hasPrefix("avg10=") })
    else { return nil }
    return Double(field.dropFirst("avg10=".count))
  }

  /// Where to read it: of the service's own control group, or of the whole machine.
  ///
  /// - Parameter groups: `/proc/self/cgroup`. A service does not see the machine's own file (ProcSubset=pid).
  package static func files(groups: String) -> [String] {
    let own = groups.split(separator: "\n").first { $0.hasPrefix("0::/") }.map { $0.dropFirst("0::".count) }
    return (own.map { $0 == "/" ? [] : ["/sys/fs/cgroup\($0)/memory.pressure"] } ?? []) + ["/proc/pressure/memory"]
  }

  /// Of this process now.
  static func here() -> Double? {
    let groups = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
    return files(groups: groups).lazy.compactMap { try? String(contentsOfFile: $0, encoding: .utf8) }.first
      .flatMap(share)
  }
}
