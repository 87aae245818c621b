internal import Foundation
internal import Vocabulary

/// What is known of one mirror, and when it may be asked again. Times are seconds of one steady clock.
struct Mirror {
  enum Manner: Equatable {
    /// Nothing is known yet.
    case unknown
    /// Ranges of a file that has this strong tag here.
    case ranges(tag: String)
    /// Only from the first byte to the last, in one response.
    case plain
  }

  let url: String
  var manner = Manner.unknown
  /// It has another version than the one under way.
  var disagrees = false
  /// Requests under way.
  var active = 0
  /// Bytes a second of one connection, lately.
  private(set) var rate: Double?
  /// How often all was begun anew because this mirror changed its mind.
  var restarts = 0
  /// What it last failed by, in words.
  private(set) var trouble: String?
  /// Failures since the last success.
  private(set) var failures = 0
  private(set) var notBefore = 0.0
  /// Answers in a row that contradict what it said before.
  private(set) var doubts = 0
  /// At most this many requests at once, for a while: learnt from refusals.
  private var limit = Int.max
  private var limitedUntil = 0.0
  private var refusedUntil = 0.0
  /// It gave a file with the wrong digest, all by itself.
  private(set) var isBlamed = false

  /// After so many failures others are preferred even at the price of beginning anew.
  static let patience = 6
  /// After so many contradictions they are believed.
  static let doubtLimit = 3
  /// Seconds until a mirror that only a person can mend is looked at again, while others go on.
  static let refusal = 600.0
  static let retryAfterLimit = 3600.0
  /// Seconds until a mirror that refused one more connection is asked for it again.
  static let limitation = 60.0

  init(_ url: String) { self.url = url }

  /// Without what may be secret in it.
  var shown: String { Self.shown(url) }

  func isRefused(_ now: Double) -> Bool { isBlamed || now < refusedUntil }
  func isReady(_ now: Double) -> Bool {
    !isRefused(now) && now >= notBefore && (active < limit || now >= limitedUntil)
  }
  /// Somebody worth waiting for.
  func isHopeful(_ now: Double) -> Bool { !isRefused(now) && failures < Self.patience }

  /// Takes bytes a second of one of its connections.
  mutating func measured(_ rate: Double) { self.rate = self.rate.map { $0 * 0.8 + rate * 0.2 } ?? rate }

  /// It does what it was asked to do.
  mutating func succeeded() {
    failures = 0
    doubts = 0
    notBefore = 0
    trouble = nil
  }

  /// It answered nothing, or that it is too busy, while other requests to it go on: it takes no more of them.
  mutating func tooMany(_ reason: String, now: Double) {
    trouble = reason
    limit = max(1, active)
    limitedUntil = now + Self.limitation
  }

  /// Time may mend it. `wait` is what the server asks for, `chance` evenly from 0..<1.
  mutating func failed(_ reason: String, now: Double, options: HTTPOptions, wait: Double?, chance: Double) {
    trouble = reason
    failures += 1
    let most = min(options.backoffLimit, options.backoff * pow(2, Double(min(failures - 1, 30))))
    notBefore = now + max(min(wait ?? 0, Self.retryAfterLimit), most * chance)
  }

  mutating func refused(_ reason: String, now: Double) {
    trouble = reason
    manner = .unknown
    refusedUntil = now + Self.refusal
  }

  mutating func blamed(_ reason: String) {
    trouble = reason
    isBlamed = true
  }

  /// An answer that contradicts the earlier ones. True once that is to be believed.
  mutating func doubted(_ reason: String, now: Double, options: HTTPOptions, chance: Double) -> Bool {
    doubts += 1
    if doubts >= Self.doubtLimit {
      doubts = 0
      return true
    }
    failed(reason, now: now, options: options, wait: nil, chance: chance)
    return false
  }

  /// For a file that is begun anew.
  mutating func forget() {
    disagrees = false
    if manner != .plain { manner = .unknown }
  }

  static func shown(_ url: String) -> String {
    guard var parts = URLComponents(string: url) else { return "an address that is none" }
    parts.user = nil
    parts.password = nil
    parts.query = nil
    return parts.string ?? "an address that is none"
  }
}

extension [Mirror] {
  /// The mirror for one more connection: the fastest for its share, and before all others those not tried yet.
  func best(where isWanted: (Mirror) -> Bool) -> Int? {
    let known = compactMap(\.rate).max() ?? 1
    func worth(_ mirror: Mirror) -> Double { (mirror.rate ?? known) / Double(mirror.active + 1) }
    var best: Int?
    for index in indices where isWanted(self[index]) {
      if let other = best, worth(self[other]) >= worth(self[index]) { continue }
      best = index
    }
    return best
  }
}
