package import Vocabulary

/// Where everything lies below `state_dir`.
package struct StateDirectory: Sendable {
  package let root: BytePath

  package init(_ root: BytePath) { self.root = root }

  package var catalog: BytePath { root.appending("catalog.sqlite") }
  package var inbox: BytePath { root.appending("inbox") }
  package var output: BytePath { root.appending("output") }
  /// Output directories of units under way; empty whenever no daemon runs.
  package var staging: BytePath { root.appending(".staging") }
  /// Compiled networks: can be deleted at any time.
  package var cache: BytePath { root.appending("cache") }

  package func source(_ id: String) -> BytePath { root.appending("sources").appending(id) }
  /// What fetching a source needs and brings: parts, archives, resume data.
  package func fetched(_ id: String) -> BytePath { source(id).appending("fetched") }
  /// Reports of the batches of one version of an archive.
  package func reports(_ id: String, origin: Digest) -> BytePath {
    source(id).appending("reports").appending(String(origin.hex.prefix(16)))
  }
  package func clips(source id: String) -> BytePath { root.appending("clips").appending(id) }

  package var ledgers: BytePath { BytePath("features/ledgers") }

  /// Relative to `root`, as the catalog keeps them: a state directory may be moved.
  package func shards(backbone: String, fingerprint: StageKey) -> BytePath {
    BytePath("features").appending(backbone).appending(fingerprint.name)
  }

  package func absolute(_ relative: BytePath) -> BytePath { root.appending(relative) }

  /// The fold of every clip that ever had one, of so many: later runs keep them.
  package func folds(_ purpose: FoldPurpose, count: Int) -> BytePath {
    root.appending("runs").appending("\(purpose.rawValue)-\(count).csv")
  }

  package func run(_ key: StageKey) -> RunDirectory { RunDirectory(root.appending("runs").appending(key.name)) }

  /// What must exist before anything else happens.
  var folders: [BytePath] {
    [
      inbox, output, staging, cache, root.appending("sources"), root.appending("clips"), absolute(ledgers),
      root.appending("runs"),
    ]
  }
}

/// Where a run's products lie below `runs/<key>/`.
package struct RunDirectory: Sendable {
  package let root: BytePath

  init(_ root: BytePath) { self.root = root }

  var plan: BytePath { root.appending("plan.json") }
  var dataset: BytePath { root.appending("dataset.json") }
  var foldReport: BytePath { root.appending("folds.json") }
  /// What the ensemble came out as.
  var ensemble: BytePath { root.appending("ensemble") }
  var scores: BytePath { root.appending("scores") }

  /// A fold of a member, or of `stack`.
  func fold(_ fold: Int, of member: String) -> BytePath { root.appending(member).appending("fold-\(fold)") }
  /// Where its training is written down until it is published.
  func checkpoint(_ fold: Int, of member: String) -> BytePath {
    root.appending(member).appending("fold-\(fold).checkpoint")
  }
}
