internal import Backbones
internal import Foundation
internal import Settings
internal import Vocabulary
internal import WorkUnits

extension Configuration {
  /// Looks up everything that the settings name.
  ///
  /// - Throws: `Daemon.End.configuration` for a network that is not there or not whole.
  init(_ settings: Settings) throws {
    state = StateDirectory(settings.stateDirectory)
    let fetchers = Fetchers(settings)
    sources = fetchers.sources()
    torrents = fetchers.session
    reserve = settings.storage.reserve
    folders = settings.watch.folders ?? [state.inbox]
    do {
      backbones = try BackboneCatalog.resolve(settings.features)
    } catch {
      throw Daemon.End.configuration(["features.backbones: \(error)"])
    }
    let problems = MemberTable.problems(backbones.map { Dataset.FeatureSet($0) }, settings.ensemble)
    if !problems.isEmpty { throw Daemon.End.configuration(problems) }
    slots = settings.features.workers ?? WorkerCount.fitting(backbones)
    ensemble = settings.ensemble
    schedule = World.Schedule()
    schedule.retrainEvery = settings.schedule.retrainEvery
    schedule.retrainNewLabels = settings.schedule.retrainNewLabels
    kernels = Self.kernels(flags: Processor.flags())
    trainLabels = settings.labels.train
    submissionFormat = settings.labels.submissionFormat
    sidecars = settings.labels.sidecars
  }
}
