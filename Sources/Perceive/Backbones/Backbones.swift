package import Vocabulary
package import WorkUnits

package enum BackboneCatalog {
  package static func resolve(name: String, directory: BytePath?, precision: Precision) throws -> BackboneUse {
    try BackboneUse(
      backbone: Backbone(
        name: name, model: Digest(of: [UInt8](name.utf8)), sampling: Sampling(rateNumerator: 2, frames: 30, side: 96),
        taps: [Tap(name: "a", width: 64)], licence: "", origin: ""), file: nil, precision: precision)
  }
}
