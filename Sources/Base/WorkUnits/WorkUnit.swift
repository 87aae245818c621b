package import Vocabulary

/// What a worker can be asked to do: `primatrix-worker KIND --spec FILE --output DIR`.
///
/// The worker reads the spec, writes its products into the empty directory DIR, prints progress as JSON lines on standard
/// output, and exits. The executor publishes DIR's products by rename after fsync. `decode` is not here: it is the child
/// of an `extract` worker and has no files at all.
package enum WorkKind: String, Sendable, Codable, CaseIterable {
  case unpack, extract, inspect, train, stack, score
}

/// The spec of one unit, as it stands in the spec file.
package enum WorkSpec: Sendable, Codable {
  case unpack(UnpackSpec)
  case extract(ExtractSpec)
  case inspect(InspectSpec)
  case train(TrainSpec)
  case stack(StackSpec)
  case score(ScoreSpec)

  package var kind: WorkKind {
    switch self {
    case .unpack: .unpack
    case .extract: .extract
    case .inspect: .inspect
    case .train: .train
    case .stack: .stack
    case .score: .score
    }
  }
}

/// One line of a worker's standard output.
package struct WorkProgress: Sendable, Codable, Equatable {
  /// Where training is.
  package struct Epoch: Sendable, Codable, Equatable {
    /// From 1, and how many there may be: training may end before.
    package var number: Int
    package var total: Int
    /// Mean log loss of the held-out clips after the latest whole epoch; of the training clips where none is held out.
    package var loss: Double?

    package init(number: Int, total: Int, loss: Double? = nil) {
      self.number = number
      self.total = total
      self.loss = loss
    }
  }

  /// In units of the work: clips, rows of all epochs, members. `total` is nil where nobody knows.
  package var done: Int
  package var total: Int?
  /// What it is at, for people: a clip's name.
  package var note: String?
  package var epoch: Epoch?
  /// A batch that is complete and waits for being published (`unpack`).
  package var batch: Int?

  package init(done: Int, total: Int? = nil, note: String? = nil, epoch: Epoch? = nil, batch: Int? = nil) {
    self.done = done
    self.total = total
    self.note = note
    self.epoch = epoch
    self.batch = batch
  }
}

/// Why a unit ended without its products. Workers throw it; the executor makes one from a worker that died.
package struct WorkError: Error, Sendable, Codable, CustomStringConvertible {
  package enum Kind: String, Sendable, Codable {
    /// The input itself: the same unit would fail again the same way.
    case input
    /// The machine: disk full, out of memory, a library missing. Worth a later attempt.
    case environment
    /// Somebody, or the kernel in want of memory, ended the worker. Says nothing of the input.
    case killed
    /// A defect of ours, or a worker that died by a signal of its own.
    case failure
  }

  package var kind: Kind
  /// The thing, the cause and the next step, in one or two sentences.
  package var message: String
  /// A published file that is not what was written, to be made again.
  package var damaged: BytePath?
  /// The one clip of which it is not; nil when it is as a whole.
  package var damagedClip: ClipID?

  package init(_ kind: Kind, _ message: String, damaged: BytePath? = nil, clip: ClipID? = nil) {
    damagedClip = clip
    self.kind = kind
    self.message = message
    self.damaged = damaged
  }

  package var description: String { message }

  /// sysexits(3): EX_DATAERR, EX_TEMPFAIL, EX_SOFTWARE.
  package var exitCode: Int32 {
    switch kind {
    case .input: 65
    case .environment, .killed: 75
    case .failure: 70
    }
  }
}

/// File names inside a unit's output directory that both sides know.
package enum WorkFile {
  package static let failure = "failure.json"
}

/// How a worker tells how far it is. The worker's main prints each as a JSON line.
package typealias ProgressReport = @Sendable (WorkProgress) -> Void
