package import Cataloguing
internal import Durability
internal import Foundation
internal import Subprocesses
package import Vocabulary
internal import WorkUnits

/// Clips that could not be decoded, once more: a worker may have died of something else, and decoders become better.
extension ExtractStage {
  /// Those of the unreadable clips that were set aside because their workers had died, in order.
  package func setAside(in catalog: Catalog) async throws -> [ClipID] {
    try await catalog.unreadable().keys.sorted().filter { clip in
      FileManager.default.fileExists(atPath: place(try setAsideLedger(clip)).display)
    }
  }

  /// Forgets that clips were found unreadable: on disk first, where a catalog that is lost is filled from, then in the
  /// catalog. A crash between the two leaves them unreadable.
  package func reconsider(_ clips: Set<ClipID>, in catalog: Catalog) async throws {
    if clips.isEmpty { return }
    let verdicts = try await BlockingThread.run(named: "retry") { try ledgers(against: clips) }
    for (name, ledger) in verdicts {
      if ledger.entries.isEmpty {
        try Durability.removeTree(place(name))
        try await catalog.forget(ledger: name)
      } else {
        try publish(ledger, as: name)
      }
    }
    try await catalog.reconsider(clips)
  }

  /// The ledgers in which one of the clips is unreadable, without those entries.
  private func ledgers(against clips: Set<ClipID>) throws -> [(name: String, ledger: ExtractLedger)] {
    let digits = clips.map { Data($0.digest.hex.utf8) }
    let names = try FileManager.default.contentsOfDirectory(atPath: state.absolute(state.ledgers).display)
    return names.filter { $0.hasSuffix(".json") }.sorted().compactMap { name in
      // Most of many thousands do not name the clip; only the others are parsed.
      guard let data = FileManager.default.contents(atPath: place(name).display),
        digits.contains(where: { data.range(of: $0) != nil }),
        var ledger = try? CanonicalJSON.decode(ExtractLedger.self, from: data)
      else { return nil }
      let count = ledger.entries.count
      ledger.entries.removeAll { clips.contains($0.clip) && !$0.outcome.hasFrames }
      return ledger.entries.count < count ? (name, ledger) : nil
    }
  }
}
