internal import CArchive
internal import Confinement
internal import Foundation
package import Vocabulary
package import WorkUnits

/// Unpacks one archive, hashing each member as it is written. A member that is hostile or damaged is rejected with its
/// reason; the others are extracted bit by bit as they are.
package final class UnpackWorker {
  private let spec: UnpackSpec
  private let output: BytePath
  private let parts: ArchiveParts
  private var pipeline: MemberPipeline?

  /// Opens the archive, and reads nothing of it yet.
  ///
  /// - Parameter output: an empty directory.
  /// - Throws: `WorkError(.environment)` when a part of the archive is missing.
  package init(_ spec: UnpackSpec, output: BytePath) throws {
    self.spec = spec
    self.output = output
    parts = try ArchiveParts(spec.parts)
  }

  deinit { pipeline?.stop() }

  /// Confines this process, for good, to what `run` needs: the parts, which are open, reading the reports, and writing
  /// below the output directory. Apart from `run` because it cannot be undone.
  ///
  /// - Throws: `WorkError(.environment)` when a directory cannot be opened, or the kernel cannot confine.
  package func confine() throws {
    // Read from files at first use.
    setlocale(LC_CTYPE, "C.UTF-8")
    let writable = output.withCString { Foundation.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    guard writable >= 0 else {
      throw WorkError(.environment, "\(output): cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { close(writable) }
    // It may be missing: then nothing was published.
    let readable = spec.reports.withCString { Foundation.open($0, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    defer { if readable >= 0 { close(readable) } }
    ProcessorLimit.arm(archive: parts.name, output: output)
    do {
      // The report of a batch is a file too.
      _ = try Confinement.unpacker(
        readable: readable < 0 ? nil : readable, writable: writable, fileBytes: max(spec.limits.memberBytes, 1 << 30),
        processorSeconds: ProcessorLimit.seconds(
          spec.limits, bytes: 0)...ProcessorLimit.seconds(
            spec.limits, bytes: spec.isGrowing ? spec.limits.totalBytes : parts.total)
      ) {
        // Threads are confined with the one that starts them, and none can be started afterwards.
        pipeline = MemberPipeline()
      }
    } catch {
      throw WorkError(.environment, "\(error)")
    }
  }

  /// Makes the batches that earlier attempts have not made. Call it once.
  ///
  /// - Throws: `WorkError`: `.input` when the file is no archive or not one member could be read, `.environment` when the
  ///   disk does not take it, or the daemon is gone.
  package func run(_ instructions: any InstructionSource, progress: @escaping ProgressReport) throws {
    let published = try PublishedBatches(reports: spec.reports)
    if published.end != nil { return }
    let guidance = Guidance(instructions, isGrowing: spec.isGrowing, acknowledged: published.count)
    let pipeline = self.pipeline ?? MemberPipeline()
    self.pipeline = pipeline
    let batches = Batches(
      output: output, bytesMost: spec.batchBytes, published: published, guidance: guidance, pipeline: pipeline,
      progress: progress)
    let stream = Self.stream(parts, guidance, pipeline, published.standing)
    guidance.onChange = { [parts, limits = spec.limits] in
      parts.refresh()
      ProcessorLimit.allow(ProcessorLimit.seconds(limits, bytes: parts.total))
    }
    guidance.onChange()
    let cut: String?
    do {
      let unpacking = Unpacking(
        reader: try reader(of: stream, pipeline, published.standing),
        reopen: { [spec] in
          _ = stream.seek(to: 0)
          return try ArchiveReader(stream, .all(rar: spec.allowsRAR))
        }, stream: stream, limits: spec.limits,
        batches: batches,
        pipeline: pipeline, names: published.names, output: output)
      if published.standing.resumeOffset == 0 {
        try unpacking.skip(
          entries: published.standing.entries,
          otherwise: "it is not the archive any more that it was when its unpacking began")
      }
      cut = try unpacking.all()
    } catch let error as ArchiveReader.Refusal {
      throw refusal(error.reason)
    }
    if let cut, batches.memberCount == 0 { throw refusal(cut) }
    batches.consumeAll(parts.total)
    try batches.close(end: cut.map { .cutShort($0) } ?? .whole)
    try batches.waitUntilPublished()
  }

  private static func stream(
    _ parts: ArchiveParts, _ guidance: Guidance, _ pipeline: MemberPipeline, _ standing: UnpackReport.Standing
  ) -> ArchiveStream {
    if standing.resumeOffset == 0 { return ArchiveStream(parts, guidance, pipeline) }
    return ArchiveStream(parts, guidance, pipeline, from: standing.resumeOffset, prologue: TarHeader.folder)
  }

  private func reader(
    of stream: ArchiveStream, _ pipeline: MemberPipeline, _ standing: UnpackReport.Standing
  ) throws -> ArchiveReader {
    if standing.resumeOffset > 0 {
      stream.isPlainTar = true
      let reader = try ArchiveReader(stream, .bareTar)
      _ = try reader.next()
      return reader
    }
    let head = try stream.peek(TarHeader.bytes)
    let format = ArchiveFormat(head)
    stream.isPlainTar = format == .tar
    if format == .rar && !spec.allowsRAR { throw refusal("it is RAR, and reading RAR is switched off") }
    if spec.isGrowing && format.needsWhole {
      throw WorkError(.input, "\(parts.name): \(format.rawValue) cannot be unpacked before all of it is there")
    }
    let formats: ArchiveReader.Formats = spec.isGrowing ? .tar : .all(rar: spec.allowsRAR)
    return try ArchiveReader(
      stream, formats, gunzip: format == .gzip ? try GzipStream(stream, pipeline) : nil)
  }

  private func refusal(_ reason: String) -> WorkError {
    let known = "known are tar, zip and 7z, with gzip, bzip2, xz or zstd"
    return WorkError(.input, "\(parts.name): nothing can be unpacked from it (\(known)): \(reason)")
  }
}
