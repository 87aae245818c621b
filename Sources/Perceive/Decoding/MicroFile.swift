internal import CFFmpeg
internal import Foundation

/// An MP4 file of one video track that is made in memory.
final class MicroFile {
  private let context: UnsafeMutablePointer<AVFormatContext>
  private let stream: UnsafeMutablePointer<AVStream>
  private let timeBase: AVRational

  /// - Parameter codec: an open encoder.
  init(_ codec: UnsafeMutablePointer<AVCodecContext>) throws(MicroTrouble) {
    var made: UnsafeMutablePointer<AVFormatContext>?
    let allocated = avformat_alloc_output_context2(&made, nil, "mp4", nil)
    guard let made else { throw MicroTrouble("opening it", code: allocated) }
    context = made
    timeBase = codec.pointee.time_base
    do throws(MicroTrouble) {
      stream = try Self.open(made, codec)
    } catch {
      Self.close(made)
      throw error
    }
  }

  deinit { Self.close(context) }

  private static func open(
    _ context: UnsafeMutablePointer<AVFormatContext>, _ codec: UnsafeMutablePointer<AVCodecContext>
  ) throws(MicroTrouble) -> UnsafeMutablePointer<AVStream> {
    // Neither a date nor a version.
    context.pointee.flags |= AVFMT_FLAG_BITEXACT
    guard let stream = avformat_new_stream(context, nil) else { throw MicroTrouble("opening it", code: -ENOMEM) }
    stream.pointee.time_base = codec.pointee.time_base
    stream.pointee.avg_frame_rate = codec.pointee.framerate
    try check("opening it", avcodec_parameters_from_context(stream.pointee.codecpar, codec))
    try check("opening it", avio_open_dyn_buf(&context.pointee.pb))
    try check("opening it", avformat_write_header(context, nil))
    return stream
  }

  private static func close(_ context: UnsafeMutablePointer<AVFormatContext>) {
    var bytes: UnsafeMutablePointer<UInt8>?
    if context.pointee.pb != nil { avio_close_dyn_buf(context.pointee.pb, &bytes) }
    av_free(bytes)
    avformat_free_context(context)
  }

  /// Takes the packet's data.
  func add(_ packet: UnsafeMutablePointer<AVPacket>) throws(MicroTrouble) {
    packet.pointee.stream_index = stream.pointee.index
    packet.pointee.duration = 1
    av_packet_rescale_ts(packet, timeBase, stream.pointee.time_base)
    let code = av_write_frame(context, packet)
    av_packet_unref(packet)
    try Self.check("writing it", code)
  }

  /// Ends the file, copies it to `room` and returns its size. Called once, last.
  func finish(to room: UnsafeMutableRawBufferPointer) throws(MicroTrouble) -> Int {
    try Self.check("writing it", av_write_trailer(context))
    var bytes: UnsafeMutablePointer<UInt8>?
    let count = Int(avio_close_dyn_buf(context.pointee.pb, &bytes))
    context.pointee.pb = nil
    defer { av_free(bytes) }
    guard let bytes, let start = room.baseAddress, count <= room.count else {
      throw MicroTrouble("it has \(count) bytes, \(room.count) are the most")
    }
    start.copyMemory(from: bytes, byteCount: count)
    return count
  }

  private static func check(_ what: String, _ code: Int32) throws(MicroTrouble) {
    if code < 0 { throw MicroTrouble(what, code: code) }
  }
}
