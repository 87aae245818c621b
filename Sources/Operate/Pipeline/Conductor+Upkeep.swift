internal import Cataloguing
internal import Foundation
internal import Journal
internal import Vocabulary
internal import WorkUnits

extension Conductor {
  /// Does one job of a round of upkeep, the first of which makes the list of them. It takes seconds at most, so that what
  /// happens meanwhile is heard; what has not been done when work begins is done at the next rest.
  func compact() async throws {
    do {
      let compactor = Compactor(stage: extract, catalog: catalog)
      var jobs: [Compactor.Job]
      if let upkeep { jobs = upkeep } else { jobs = try await compactor.plan(now: Int64(world.now), keeping: inUse) }
      if !jobs.isEmpty, try await compactor.perform(jobs.removeFirst(), now: Int64(world.now)) { stale = Stale() }
      upkeep = jobs.isEmpty ? nil : jobs
    } catch let error as CatalogError {
      throw error
    } catch {
      Journal.record(.warning, "features were not tidied up, which is tried again in a day: \(error)")
      upkeep = nil
    }
    // Comes round again where there is more to do, after what has happened meanwhile.
    if upkeep == nil { world.compacted = world.now } else { inbox.yield(.tick) }
  }

  /// What runs read that are of use, whatever is configured.
  private var inUse: [StageKey] {
    (newest?.fingerprints ?? []) + (run?.stages.plan.featureSets.map(\.fingerprint) ?? [])
  }
}
