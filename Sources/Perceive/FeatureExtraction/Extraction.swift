internal import Foundation
internal import FrameExchange
internal import Inference
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// What has been found of a unit's clips so far. A unit has few clips, so their features stay in memory: some 3 MB each, and their
/// micro clips: some 10 kB each.
struct Extraction {
  /// A network, and what it has shown of itself.
  private struct Member {
    var network: Network
    var tensors: [TensorData] = []
    /// The first clip that it made nothing useful of, and why.
    var firstUseless: (clip: ClipID, reason: String)?
    /// Clips that it made something useful of; those that another network spoilt are among them.
    var useful = 0
  }

  private var members: [Member]
  private let micro: MicroFormat?
  private var microTensors: [TensorData] = []
  private var entries: [ExtractLedger.Entry] = []
  private var skips: [ExtractLedger.Skip] = []

  init(networks: [Network], micro: MicroFormat?) {
    members = networks.map { Member(network: $0) }
    self.micro = micro
  }

  /// - Parameter frames: of a part of the layout, in a slot.
  mutating func take(_ fed: ClipFeeder.Fed, frames: (_ part: Int, _ slot: Int) -> UnsafeRawBufferPointer) throws {
    let id = fed.file.clip
    switch fed.result {
    case .skipped(let reason): skips.append(ExtractLedger.Skip(clip: id, reason: reason))
    case .clip(let clip, let micro, let slot):
      if clip.outcome.hasFrames, let reason = try look(at: id, frames: { frames($0, slot) }) {
        entries.append(.init(clip: id, outcome: .unreadable(reason: reason), facts: nil, short: false))
        return
      }
      if let micro {
        microTensors.append(TensorData(name: id.digest.hex, uint8: micro.bytes, shape: [micro.bytes.count]))
      }
      entries.append(
        .init(clip: id, outcome: clip.outcome, facts: clip.facts, short: clip.short, micro: micro?.facts))
    }
  }

  /// Has the networks see a clip, and keeps its features when all of them are of use.
  ///
  /// - Returns: nil, or why they are not.
  private mutating func look(at clip: ClipID, frames: (_ part: Int) -> UnsafeRawBufferPointer) throws -> String? {
    var found: [TensorData] = []
    for index in members.indices {
      let network = members[index].network
      switch try network.look(at: frames(network.part), of: clip) {
      case .features(let tensor):
        members[index].useful += 1
        found.append(tensor)
      case .useless(let reason):
        if members[index].firstUseless == nil { members[index].firstUseless = (clip, reason) }
        return reason
      }
    }
    for (index, tensor) in found.enumerated() { members[index].tensors.append(tensor) }
    return nil
  }

  /// Shards first, the ledger last; all in the order of the clips' digests.
  ///
  /// - Parameter decoder: what decoded, with its version.
  /// - Throws: `WorkError(.failure)` for a network that made nothing useful of any clip it saw: it may be broken, and must
  ///   not make every clip unreadable. With another clip of the unit it did well, so it is the clip. A clip alone cannot
  ///   tell: whoever retries the unit decides.
  func write(to output: BytePath, decoder: String?) throws {
    for member in members where member.useful == 0 {
      guard let (clip, reason) = member.firstUseless else { continue }
      throw WorkError(
        .failure, "clip \(clip.digest.short): \(reason); check the network, and features.precision if that is bfloat16")
    }
    do {
      for (index, member) in members.enumerated() {
        try write(member.tensors, to: output.appending(ExtractSpec.shardName(index)))
      }
      try write(microTensors, to: output.appending(ExtractSpec.microName))
      let data = try CanonicalJSON.encodePretty(ledger(decoder: decoder))
      try data.write(to: URL(filePath: output.appending(ExtractSpec.ledgerName).display))
    } catch let error as TensorFileError {
      throw WorkError(.environment, "\(error)")
    } catch {
      throw WorkError(.environment, "\(output): the ledger cannot be written: \(error.systemReason)")
    }
  }

  private func ledger(decoder: String?) -> ExtractLedger {
    ExtractLedger(
      entries: entries.sorted { $0.clip < $1.clip },
      shards: members.enumerated().map { index, member in
        let use = member.network.use
        return ExtractLedger.Shard(
          backbone: use.backbone.name, fingerprint: use.fingerprint, index: index,
          runtime: member.network.engine.runtime)
      }, micro: micro?.fingerprint, skips: skips.isEmpty ? nil : skips.sorted { $0.clip < $1.clip }, decoder: decoder)
  }

  private func write(_ tensors: [TensorData], to path: BytePath) throws(TensorFileError) {
    if tensors.isEmpty { return }
    try TensorFile.write(tensors.sorted { $0.name < $1.name }, hasDigests: true, to: path)
  }
}
