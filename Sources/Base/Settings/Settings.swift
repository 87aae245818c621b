package import Vocabulary
package import WorkUnits

/// The configuration file, checked. Every key has a default, so an empty file is a good one.
package struct Settings: Sendable, Equatable {
  /// Everything that Primatrix keeps lies below it.
  package var stateDirectory: BytePath = "/var/lib/primatrix"
  package var sources: [SourceSettings] = []
  package var download = DownloadSettings()
  package var torrent = TorrentSettings()
  package var storage = StorageSettings()
  package var watch = WatchSettings()
  package var labels = LabelSettings()
  package var features = FeatureSettings()
  package var ensemble = EnsembleSettings()
  package var schedule = ScheduleSettings()
  package var control = ControlSettings()
  package var http = HTTPSettings()

  package init() {}
}

/// `[watch]`: folders where clips arrive. Times are in seconds.
package struct WatchSettings: Sendable, Equatable {
  /// Nil for `inbox` in the state directory.
  package var folders: [BytePath]?
  /// A file is taken when it has not changed for this long.
  package var settle: Double = 2
  /// The folders are also looked through this often; nil for what suits the folder.
  package var rescan: Double?
  package var mode = Mode.auto

  package enum Mode: Sendable, Equatable {
    /// Listens to the kernel where it tells what happens, and looks where it does not.
    case auto
    /// Only looks.
    case scan
  }
}

/// `[labels]`: without them clips are extracted and wait.
package struct LabelSettings: Sendable, Equatable {
  package var train: BytePath?
  package var submissionFormat: BytePath?
  /// Whether CSV files beside the clips of watched folders are read as labels.
  package var sidecars = true
}

/// `[features]`: the pretrained networks and how they run.
package struct FeatureSettings: Sendable, Equatable {
  package var backbones = ["builtin/motion"]
  /// Where manifests and networks of one's own lie.
  package var backboneDirectory: BytePath = "/etc/primatrix/backbones"
  /// Nil for what suits the processor.
  package var precision: Precision?
  /// Units of work at once; nil for one a core.
  package var workers: Int?
}

/// `[ensemble]`: which models there are and how they are trained.
package struct EnsembleSettings: Sendable, Equatable {
  package var training = TrainSettings()
  /// Clips of a step, of the reference solution's models that take 64; those of the others follow.
  package var batch = 64
  /// Names of models; nil for what the networks allow.
  package var models: [String]?
  package var groups = Groups.none
  /// Whether a training goes on from the last one's weights where few labels are new.
  package var warmRetrain = true

  /// Which clips are kept together when folds are drawn.
  package enum Groups: Sendable, Equatable {
    case none
    /// Those of one folder.
    case folder
    /// Those of one folder that follow each other within so many seconds.
    case time(gap: Double)
  }

  package init() {}
}

/// `[schedule]`: when labels that changed are worth a new ensemble.
package struct ScheduleSettings: Sendable, Equatable {
  /// Seconds; nil for never.
  package var retrainEvery: Double? = 7 * 86400
  package var retrainNewLabels = 500
}

/// `[control]`: where `primatrixctl` reaches the daemon.
package struct ControlSettings: Sendable, Equatable {
  package var socket: BytePath = "/run/primatrix/control.sock"
}

/// `[http]`: where browsers and Prometheus do, to read.
package struct HTTPSettings: Sendable, Equatable {
  /// Nil for nowhere.
  package var listen: ListenAddress? = ListenAddress(host: "127.0.0.1", port: 8642)
  /// By which browsers call the machine, besides its addresses and the name it has itself.
  package var names: [String] = []
}
