internal import CFFmpeg
internal import Foundation
internal import FrameExchange

/// An opened clip: its container, and its one video stream.
final class Container {
  let input: ClipInput
  private var context: UnsafeMutablePointer<AVFormatContext>?
  let stream: UnsafeMutablePointer<AVStream>

  /// Bytes and seconds of a clip that FFmpeg may look at to find out what it is.
  private static let probeBytes: Int64 = 5 << 20
  private static let probeSeconds: Int64 = 5

  /// - Throws: `Unreadable` with what is wrong.
  init(_ input: ClipInput) throws(Unreadable) {
    self.input = input
    let format = try Self.recognise(input)
    context = avformat_alloc_context()
    guard let made = context else { throw Unreadable("opening it", code: -ENOMEM) }
    Self.restrict(made)
    made.pointee.pb = input.context
    var options: OpaquePointer?
    defer { av_dict_free(&options) }
    av_dict_set(&options, "format_whitelist", Whitelist.containers, 0)
    av_dict_set(&options, "codec_whitelist", Whitelist.codecs, 0)
    av_dict_set(&options, "protocol_whitelist", "", 0)
    // On failure FFmpeg frees the context.
    let opened = avformat_open_input(&context, nil, format, &options)
    guard opened == 0 else { throw Unreadable("its container is damaged (\(Self.name(format)))", code: opened) }
    // From here on deinit would be ours to call; a class that is not whole has none.
    do throws(Unreadable) {
      stream = try Self.videoStream(made)
    } catch {
      avformat_close_input(&context)
      throw error
    }
  }

  deinit { avformat_close_input(&context) }

  var format: UnsafeMutablePointer<AVFormatContext> {
    guard let context else { preconditionFailure("the container is open as long as it lives") }
    return context
  }

  var name: String { Self.name(format.pointee.iformat) }

  var streams: [UnsafeMutablePointer<AVStream>] { Self.streams(of: format) }

  /// What kind of file it is, by its content alone.
  private static func recognise(_ input: ClipInput) throws(Unreadable) -> UnsafePointer<AVInputFormat>? {
    var format: UnsafePointer<AVInputFormat>?
    let score = av_probe_input_buffer2(input.context, &format, "", nil, 0, 1 << 20)
    guard score >= 0, let format else { throw Unreadable("not a video of a format that is known") }
    guard av_match_list(format.pointee.name, Whitelist.containers, CChar(UInt8(ascii: ","))) > 0 else {
      let words = format.pointee.long_name.map { String(cString: $0) } ?? name(format)
      throw Unreadable("not a video of a format that is used here; it looks like: \(words)")
    }
    return format
  }

  private static func restrict(_ context: UnsafeMutablePointer<AVFormatContext>) {
    context.pointee.probesize = probeBytes
    context.pointee.max_analyze_duration = probeSeconds * Int64(AV_TIME_BASE)
    context.pointee.max_streams = 32
    context.pointee.max_probe_packets = 2500
    // No file beside this one, whatever it refers to.
    context.pointee.io_open = { _, _, _, _, _ in -EACCES }
  }

  private static func videoStream(
    _ context: UnsafeMutablePointer<AVFormatContext>
  ) throws(Unreadable) -> UnsafeMutablePointer<AVStream> {
    let found = probe(context)
    guard found >= 0 else { throw Unreadable("its streams cannot be told", code: found) }
    let index = av_find_best_stream(context, AVMEDIA_TYPE_VIDEO, -1, -1, nil, 0)
    let all = streams(of: context)
    guard index >= 0, Int(index) < all.count, all[Int(index)].pointee.disposition & AV_DISPOSITION_ATTACHED_PIC == 0
    else { throw Unreadable("no video stream") }
    for (number, stream) in all.enumerated() where number != Int(index) { stream.pointee.discard = AVDISCARD_ALL }
    return all[Int(index)]
  }

  /// The decoders that FFmpeg opens for a look ahead keep to the limit of the one that is used. Streams that only turn up on the
  /// way have no options; `av_max_alloc` bounds those.
  private static func probe(_ context: UnsafeMutablePointer<AVFormatContext>) -> Int32 {
    var options = [OpaquePointer?](repeating: nil, count: Int(context.pointee.nb_streams))
    defer { for index in options.indices { av_dict_free(&options[index]) } }
    for index in options.indices { av_dict_set_int(&options[index], "max_pixels", FactLimits.pixels, 0) }
    return options.withUnsafeMutableBufferPointer { avformat_find_stream_info(context, $0.baseAddress) }
  }

  private static func streams(of context: UnsafeMutablePointer<AVFormatContext>) -> [UnsafeMutablePointer<AVStream>] {
    UnsafeBufferPointer(start: context.pointee.streams, count: Int(context.pointee.nb_streams)).compactMap { $0 }
  }

  private static func name(_ format: UnsafePointer<AVInputFormat>?) -> String {
    format?.pointee.name.map { String(cString: $0) } ?? "unknown"
  }
}
