internal import FrameExchange
package import Settings
internal import Vocabulary
package import WorkUnits

extension BackboneCatalog {
  /// The networks that the configuration names, with their files, as the daemon uses them on this machine.
  ///
  /// - Throws: `BackboneProblems` of the first that is not there or not whole, or that is too much beside the others.
  package static func resolve(_ features: FeatureSettings) throws -> [BackboneUse] {
    let uses = try features.backbones.map { try resolve($0, features) }
    try checkTogether(uses)
    return uses
  }

  /// Sees that the frames of a clip that all these networks want have room in an extract worker.
  package static func checkTogether(_ uses: [BackboneUse]) throws(BackboneProblems) {
    do {
      _ = try FrameLayout(of: uses.map(\.backbone.sampling), micro: .standard)
    } catch {
      let names = uses.map(\.backbone.name).joined(separator: ", ")
      throw BackboneProblems(["\(names): \((error as? WorkError)?.message ?? "\(error)")"])
    }
  }

  /// One network, named in the configuration or not.
  package static func resolve(_ name: String, _ features: FeatureSettings) throws -> BackboneUse {
    try resolve(
      name: name, directory: features.backboneDirectory, precision: features.precision(flags: Processor.flags()))
  }
}
