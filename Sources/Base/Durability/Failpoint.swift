internal import Foundation

/// Places where a test wants the process to die. Armed by the environment variable `PRIMATRIX_FAILPOINT=name[:n]` only:
/// the process kills itself the nth time it comes by.
enum Failpoint {
  private static let armed: (name: String, count: Int)? = {
    guard let text = ProcessInfo.processInfo.environment["PRIMATRIX_FAILPOINT"] else { return nil }
    let parts = text.split(separator: ":", maxSplits: 1)
    guard let name = parts.first else { return nil }
    return (String(name), parts.count > 1 ? Int(parts[1]) ?? 1 : 1)
  }()

  private static let passed = Counter()

  static func hit(_ name: String) {
    guard let armed, armed.name == name, passed.next() == armed.count else { return }
    kill(getpid(), SIGKILL)
  }
}
