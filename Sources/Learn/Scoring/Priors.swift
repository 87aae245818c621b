/// Shares of the classes.
package enum Priors {
  /// The share of clips that have a class, as Krichevsky and Trofimov estimate it: half a clip is added to either side,
  /// so that a class never seen is improbable and not impossible.
  package static func share(positives: Int, of clips: Int) -> Double {
    (Double(positives) + 0.5) / (Double(clips) + 1)
  }
}
