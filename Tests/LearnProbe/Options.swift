/// What to measure, as the command line says it.
struct Options {
  enum Model: String, CaseIterable { case dense, rnn, stack }

  var model: Model
  var batch = 64
  var frames = 45
  var width = 3840
  /// Timed steps of training and of inference, and steps before them that are not timed.
  var steps = 5
  var warm = 1

  static let usage = """
    Usage: LearnProbe dense|rnn|stack [--batch N] [--frames N] [--width N] [--steps N] [--warm N]
           LearnProbe fit JSON

    Prints how many clips a second one unit of learning trains on and answers for, as JSON. Run it with
    OPENBLAS_NUM_THREADS=1, as units are. scripts/benchmarks/learn_pytorch.py takes the same arguments.
    With fit, trains as the JSON says (`Fit`) and prints the held-out log loss after each epoch.
    """

  init?(_ arguments: [String]) {
    guard let model = arguments.first.flatMap(Model.init(rawValue:)), arguments.count % 2 == 1 else { return nil }
    self.model = model
    for index in stride(from: 1, to: arguments.count, by: 2) {
      guard let number = Int(arguments[index + 1]), number > 0 else { return nil }
      switch arguments[index] {
      case "--batch": batch = number
      case "--frames": frames = number
      case "--width": width = number
      case "--steps": steps = number
      case "--warm": warm = number
      default: return nil
      }
    }
  }
}
