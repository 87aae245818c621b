internal import Foundation
internal import Vocabulary

/// What is asked for next, and of whom.
extension HTTPRun {
  func schedule(_ now: Double) throws {
    if demand.isPaused || demand.horizon <= 0 { return }
    if let part {
      // A whole file comes in one response, and nothing beside it.
      guard part.tag != nil else { return }
      while transfers.transfers.count < max(1, options.connections), try askForMore(of: part, now) {}
      try reconsider(now)
    } else {
      try askForTheFirst(now)
    }
    try giveUp(now)
  }

  /// The first answer says what the file is, so all mirrors are asked at once.
  private func askForTheFirst(_ now: Double) throws {
    let first = 0..<min(Window.size(nil), demand.horizon)
    let asked = Set(transfers.transfers.map(\.mirror))
    for index in mirrors.indices where !asked.contains(index) && isWanted(index, now) {
      guard transfers.transfers.count < max(1, options.connections) else { break }
      try ask(index, Answer.Question(range: first, tag: nil), now)
    }
    let isHope = mirrors.contains { isInTurn($0) && $0.manner != .plain && $0.isHopeful(now) }
    if isHope || !transfers.transfers.isEmpty { return try takeTurns(now) }
    if let index = mirrors.best(where: { isInTurn($0) && $0.manner == .plain && $0.isReady(now) }) {
      try ask(index, Answer.Question(range: nil, tag: nil), now)
    }
    try takeTurns(now)
  }

  /// True when a request was made.
  private func askForMore(of part: Part, _ now: Double) throws -> Bool {
    let wanted = mirrors.best { mirror in
      isInTurn(mirror) && mirror.isReady(now) && !mirror.disagrees && mirror.manner != .plain
        && (mirror.manner != .unknown || mirror.active == 0)
    }
    guard let index = wanted, let total = part.total else { return false }
    let window = Window(
      end: min(total, demand.horizon), span: Window.largest * 2 * Int64(max(1, options.connections)))
    var tag: String?
    if case .ranges(let known) = mirrors[index].manner { tag = known }
    if let range = window.next(have: part.have, claims: claims, rate: mirrors[index].rate) {
      try ask(index, Answer.Question(range: range, tag: tag), now)
      return true
    }
    switch Window.relief(claims: claims, rate: mirrors[index].rate) {
    case .all(let id)?:
      guard let slow = transfers.transfers.first(where: { $0.id == id }), let rest = slow.claim else { return false }
      drop(slow)
      try ask(index, Answer.Question(range: rest, tag: tag), now)
    case .tail(let id, let start)?:
      guard let slow = transfers.transfers.first(where: { $0.id == id }), let rest = slow.rest else { return false }
      slow.rest = rest.lowerBound..<start
      slow.isClipped = true
      try ask(index, Answer.Question(range: start..<rest.upperBound, tag: tag), now)
    case nil: return false
    }
    return true
  }

  private var claims: [Window.Claim] {
    transfers.transfers.compactMap { transfer in
      transfer.claim.map { Window.Claim(id: transfer.id, rest: $0, rate: transfer.rate) }
    }
  }

  private func ask(_ index: Int, _ question: Answer.Question, _ now: Double) throws {
    requests += 1
    try transfers.add(
      Transfer(
        id: requests, mirror: index, url: mirrors[index].url, question: question, options: options, taker: self,
        now: now))
    mirrors[index].active += 1
  }

  private func isWanted(_ index: Int, _ now: Double) -> Bool {
    isInTurn(mirrors[index]) && mirrors[index].manner != .plain && mirrors[index].isReady(now)
  }

  func isInTurn(_ mirror: Mirror) -> Bool { solo == nil || solo == mirror.url }
}

extension Transfer {
  /// The bytes that nobody else need bring.
  var claim: Range<Int64>? { rest ?? question.range }
}
