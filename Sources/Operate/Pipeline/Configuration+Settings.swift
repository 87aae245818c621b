internal import Backbones
internal import Foundation
internal import Settings
internal import Vocabulary
internal import WorkUnits

extension Configuration {
  /// Looks up everything that the settings name.
  ///
  /// - Throws: for a network that is not there or not whole, and for a model that the networks do not allow.
  init(_ settings: Settings) throws(SettingsProblems) {
    backbones = try settings.checkedBackbones()
    state = StateDirectory(settings.stateDirectory)
    let fetchers = Fetchers(settings)
    sources = settings.sources.map(fetchers.source)
    torrents = fetchers.session
    reserve = settings.storage.reserve
    folders = settings.watch.folders ?? [state.inbox]
    slots = settings.slots(backbones)
    ensemble = settings.ensemble
    schedule = World.Schedule(settings.schedule)
    kernels = Self.kernels(flags: Processor.flags())
    trainLabels = settings.labels.train
    submissionFormat = settings.labels.submissionFormat
    sidecars = settings.labels.sidecars
  }
}

extension Settings {
  /// The networks, once they and the models that learn from them are known to be good.
  func checkedBackbones() throws(SettingsProblems) -> [BackboneUse] {
    let backbones: [BackboneUse]
    do {
      backbones = try BackboneCatalog.resolve(features)
    } catch {
      throw SettingsProblems(["features.backbones: \(error)"])
    }
    let problems = MemberTable.problems(backbones.map { Dataset.FeatureSet($0) }, ensemble)
    if !problems.isEmpty { throw SettingsProblems(problems) }
    return backbones
  }
}

extension World.Schedule {
  init(_ settings: ScheduleSettings) {
    retrainEvery = settings.retrainEvery
    retrainNewLabels = settings.retrainNewLabels
  }
}
