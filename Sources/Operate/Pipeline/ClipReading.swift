internal import Cataloguing
internal import Foundation
internal import Labelling
internal import Vocabulary
internal import Watching

/// Clips that were read, one after the other, until a moment was over.
struct ClipReading: Sendable {
  private(set) var landings: [Landing] = []
  /// Clips that could not be read, and why.
  private(set) var failures: [(arrival: Arrival, reason: String)] = []
  /// Arrivals that were dealt with, the first ones.
  private(set) var count = 0

  /// After this what was read is told, so that nobody waits for a thousand large clips.
  private static let moment = Duration.milliseconds(100)

  /// Blocks its thread. Deals with one arrival at least.
  ///
  /// - Parameter known: what the catalog knows of them.
  init(_ arrivals: ArraySlice<Arrival>, known: [BytePath: Landing]) {
    let clock = ContinuousClock()
    let end = clock.now + Self.moment
    for arrival in arrivals {
      count += 1
      let old = known[arrival.path]
      if !arrival.isReplaced, let old, old.bytes == arrival.bytes, old.modified == arrival.modified { continue }
      do {
        if let digest = try arrival.read({ try FileDigest.sha256($0, arrival.whole) }) { land(arrival, digest) }
      } catch let error as SystemCode {
        failures.append((arrival, "\(arrival.whole): cannot be read: \(error)"))
      } catch {
        failures.append((arrival, "\(error)"))
      }
      if clock.now >= end { return }
    }
  }

  private mutating func land(_ arrival: Arrival, _ digest: Digest) {
    landings.append(
      Landing(
        root: arrival.root, path: arrival.path, clip: ClipID(digest), bytes: arrival.bytes, modified: arrival.modified))
  }
}

extension Arrival {
  /// The path from the root of the file system.
  var whole: BytePath { root.appending(path) }

  /// Reads a table; nil when it is no longer the file that was told of. Blocks its thread.
  func sidecar() -> SidecarReading? {
    guard bytes <= SidecarReading.byteLimit else {
      return .other("\(whole): is larger than \(Words.bytes(Int64(SidecarReading.byteLimit)))")
    }
    do {
      let data = try read {
        try FileHandle(fileDescriptor: $0, closeOnDealloc: false).read(upToCount: Int(bytes)) ?? Data()
      }
      return data.map { SidecarReading(bytes: Array($0), name: whole.display) }
    } catch {
      return .wrong("\(whole): cannot be read: \(error)")
    }
  }
}
