package import Settings
package import WorkUnits

extension BackboneCatalog {
  /// The networks that the configuration names, with their files, as the daemon uses them on this machine.
  ///
  /// - Throws: `BackboneProblems` of the first that is not there or not whole.
  package static func resolve(_ features: FeatureSettings) throws -> [BackboneUse] {
    try features.backbones.map { try resolve($0, features) }
  }

  /// One network, named in the configuration or not.
  package static func resolve(_ name: String, _ features: FeatureSettings) throws -> BackboneUse {
    try resolve(
      name: name, directory: features.backboneDirectory, precision: features.precision(flags: Processor.flags()))
  }
}
