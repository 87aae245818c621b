internal import Foundation
internal import FrameExchange
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// What has been found of a unit's clips so far. A unit has few clips, so their features stay in memory: some 3 MB each, and their
/// micro clips: some 10 kB each.
struct Extraction {
  private let networks: [Network]
  private let micro: MicroFormat?
  private var tensors: [[TensorData]]
  private var microTensors: [TensorData] = []
  private var entries: [ExtractLedger.Entry] = []
  /// Why clips got no entry: nothing was learnt of them, so they stay to be extracted.
  private var skipped: [String] = []

  init(networks: [Network], micro: MicroFormat?) {
    self.networks = networks
    self.micro = micro
    tensors = networks.map { _ in [] }
  }

  /// - Parameter frames: of a part of the layout, in a slot.
  mutating func take(_ fed: ClipFeeder.Fed, frames: (_ part: Int, _ slot: Int) -> UnsafeRawBufferPointer) throws {
    switch fed.result {
    case .skipped(let reason): skipped.append("\(fed.file.path): \(reason)")
    case .clip(let clip, let micro, let slot):
      if clip.outcome.hasFrames {
        for (index, network) in networks.enumerated() {
          let features = try network.features(of: frames(network.part, slot), clip: fed.file.clip)
          tensors[index].append(features)
        }
      }
      if let micro {
        microTensors.append(
          TensorData(name: fed.file.clip.digest.hex, uint8: micro.bytes, shape: [micro.bytes.count]))
      }
      entries.append(
        ExtractLedger.Entry(
          clip: fed.file.clip, outcome: clip.outcome, facts: clip.facts, short: clip.short, micro: micro?.facts))
    }
  }

  /// Shards first, the ledger last; all in the order of the clips' digests.
  func write(to output: BytePath) throws {
    if entries.isEmpty, let reason = skipped.first {
      let others = skipped.count == 1 ? "" : " (and \(skipped.count - 1) more like it)"
      throw WorkError(.environment, "\(reason)\(others)")
    }
    do {
      for (index, tensors) in tensors.enumerated() {
        try write(tensors, to: output.appending(ExtractSpec.shardName(index)))
      }
      try write(microTensors, to: output.appending(ExtractSpec.microName))
      let ledger = ExtractLedger(
        entries: entries.sorted { $0.clip < $1.clip },
        shards: networks.enumerated().map {
          ExtractLedger.Shard(backbone: $1.use.backbone.name, fingerprint: $1.use.fingerprint, index: $0)
        }, micro: micro?.fingerprint)
      let data = try CanonicalJSON.encodePretty(ledger)
      try data.write(to: URL(filePath: output.appending(ExtractSpec.ledgerName).display))
    } catch let error as TensorFileError {
      throw WorkError(.environment, "\(error)")
    } catch {
      throw WorkError(.environment, "\(output): the ledger cannot be written: \(error.systemReason)")
    }
  }

  private func write(_ tensors: [TensorData], to path: BytePath) throws(TensorFileError) {
    if tensors.isEmpty { return }
    try TensorFile.write(tensors.sorted { $0.name < $1.name }, hasDigests: true, to: path)
  }
}
