import Foundation
import TestSupport
import Testing

struct UnitFileTests {
  private static let analyser = "/usr/bin/systemd-analyze"
  private static let isInstalled = FileManager.default.isExecutableFile(atPath: analyser)

  /// How much of the system the service could reach, from 0 to 10.
  @Test(.enabled(if: isInstalled, "systemd-analyze is not installed")) func theSandboxScoresOneAndAHalfOrBetter() throws
  {
    let unit = Checkout.root.appending(path: "systemd/primatrixd.service").path
    try Command.run(Self.analyser, ["security", "--offline=true", "--no-pager", "--threshold=15", unit])
  }
}
