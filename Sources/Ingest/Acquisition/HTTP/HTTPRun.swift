internal import CCurl
internal import Durability
internal import Foundation
internal import Vocabulary

/// One call of `HTTPFetcher.fetch`, on its thread: the loop. What to ask for is in `+Requests`, what an answer means in
/// `+Answers`, which version of the file is under way in `+Versions`.
final class HTTPRun {
  let source: HTTPSource
  let options: HTTPOptions
  let place: Place
  let flow: FetchFlow
  let stop: StopFlag
  let transfers: TransferSet
  var mirrors: [Mirror]
  var part: Part?
  /// Set when mirrors are tried one at a time after a wrong digest: the one whose turn it is.
  var solo: String?
  /// What went wrong with the whole, for people.
  var remark: String?
  var demand = FetchDemand()
  var pace: Pace
  var meter = RateMeter()
  var received: Int64 = 0
  var told = -Double.infinity
  var requests = 0

  init(
    _ source: HTTPSource, _ options: HTTPOptions, into directory: BytePath, flow: FetchFlow, stop: StopFlag
  ) throws {
    self.source = source
    self.options = options
    self.flow = flow
    self.stop = stop
    place = Place(directory: directory, name: Place.fileName(source.urls.first ?? ""))
    transfers = try TransferSet()
    mirrors = source.urls.map(Mirror.init)
    pace = Pace(bytesPerSecond: options.bytesPerSecond, now: Self.now)
  }

  func run() throws -> [FetchedFile] {
    if source.urls.isEmpty { throw AcquisitionError(isPermanent: true, "source \(source.id) has no address") }
    try Durability.makeDirectory(place.directory)
    if let file = place.finished(source) { return tell(completed: file) }
    try place.sweep()
    try resume()
    do {
      while true {
        while part?.isComplete != true { try step() }
        if let file = try conclude() { return tell(completed: file) }
      }
    } catch {
      transfers.removeAll()
      // What has arrived is kept, as far as the disk lets us; what it says now is not the news.
      part?.keeper.finish()
      while let part, part.keeper.wait(seconds: 60) == nil {}
      throw error
    }
  }

  private func step() throws {
    try stop.check()
    if case .failure(let error)? = part?.keeper.end { throw error }
    demand = flow.demand
    let now = Self.now
    pace.fill(now: now)
    obey(now)
    try schedule(now)
    let ended = try transfers.drive(milliseconds: pace.isSpent ? 20 : 100)
    for (transfer, code) in ended { try conclude(transfer, code, Self.now) }
    measure(Self.now)
    tell(Self.now)
  }

  /// Does what the reader of the file and the limit of bytes a second want.
  private func obey(_ now: Double) {
    for transfer in transfers.transfers {
      if transfer.question.range != nil, transfer.hasBegun, demand.isPaused {
        // The range goes on at its next byte later; a whole file could not.
        drop(transfer)
      } else if transfer.isPaused, !demand.isPaused, !pace.isSpent, transfer.rest?.lowerBound ?? 0 < demand.horizon {
        transfer.resume()
      }
    }
  }

  /// Ends a request whose bytes are not wanted from it any more.
  func drop(_ transfer: Transfer) {
    transfers.remove(transfer)
    mirrors[transfer.mirror].active -= 1
  }

  private func measure(_ now: Double) {
    for transfer in transfers.transfers where now - transfer.measured.time >= 0.5 {
      defer { transfer.measured = (now, transfer.received) }
      // A connection that is held back says nothing of its server.
      if transfer.isPaused || pace.isSpent { continue }
      let bytes = Double(transfer.received - transfer.measured.bytes)
      let rate = bytes / (now - transfer.measured.time)
      if bytes == 0 && now - transfer.started < 2 { continue }
      transfer.rate = transfer.rate.map { ($0 + rate) / 2 } ?? rate
      mirrors[transfer.mirror].measured(rate)
    }
  }

  static var now: Double { ProcessInfo.processInfo.systemUptime }
}
