/// What the daemon tells a worker under way, as JSON lines on the worker's standard input. Each line says everything anew
/// and replaces the ones before; the end of the input says that no line will follow.
package struct WorkInstruction: Sendable, Codable, Equatable {
  /// `unpack`: bytes of the archive that may be read, its parts laid end to end. Nil when all of it is there.
  package var available: Int64?
  /// `unpack`: batches that are published, those of earlier attempts included.
  package var acknowledged: Int

  package init(available: Int64?, acknowledged: Int) {
    self.available = available
    self.acknowledged = acknowledged
  }
}
