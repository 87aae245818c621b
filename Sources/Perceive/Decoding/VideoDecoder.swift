internal import CFFmpeg
internal import Foundation
internal import FrameExchange

/// The decoder of one stream: packets in, frames out, in the order in which they are shown. One thread, bit-exact.
final class VideoDecoder {
  private let container: Container
  private var context: UnsafeMutablePointer<AVCodecContext>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private var isDraining = false

  enum Step {
    /// The frame holds pixels.
    case frame
    /// A frame that is missing or damaged; FFmpeg's guess at it is not used.
    case lost(String)
    case end
    /// The container cannot be read any further.
    case broken(String)
  }

  init(_ container: Container) throws(Unreadable) {
    self.container = container
    let parameters = container.stream.pointee.codecpar
    let name = Self.codecName(container.stream)
    guard let parameters, let codec = avcodec_find_decoder(parameters.pointee.codec_id),
      av_match_list(codec.pointee.name, Whitelist.codecs, CChar(UInt8(ascii: ","))) > 0
    else { throw Unreadable("its codec is not one that is used here: \(name)") }
    context = avcodec_alloc_context3(codec)
    packet = av_packet_alloc()
    guard let made = context, packet != nil, avcodec_parameters_to_context(made, parameters) >= 0 else {
      avcodec_free_context(&context)
      av_packet_free(&packet)
      throw Unreadable("preparing its decoder", code: -ENOMEM)
    }
    made.pointee.thread_count = 1
    made.pointee.flags |= Int32(AV_CODEC_FLAG_BITEXACT)
    made.pointee.idct_algo = Int32(FF_IDCT_SIMPLE)
    made.pointee.max_pixels = FactLimits.pixels
    made.pointee.pkt_timebase = container.stream.pointee.time_base
    let opened = avcodec_open2(made, codec, nil)
    guard opened == 0 else {
      avcodec_free_context(&context)
      av_packet_free(&packet)
      throw Unreadable("its decoder (\(name)) does not take it", code: opened)
    }
  }

  deinit {
    avcodec_free_context(&context)
    av_packet_free(&packet)
  }

  static func codecName(_ stream: UnsafeMutablePointer<AVStream>) -> String {
    avcodec_get_name(stream.pointee.codecpar?.pointee.codec_id ?? AV_CODEC_ID_NONE).map { String(cString: $0) }
      ?? "none"
  }

  /// The next frame, into `frame`.
  func next(_ frame: UnsafeMutablePointer<AVFrame>) -> Step {
    while true {
      av_frame_unref(frame)
      let got = avcodec_receive_frame(context, frame)
      if got == 0 { return isDamaged(frame) ? .lost("it is damaged") : .frame }
      if got == CFFMPEG_EOF { return .end }
      if got != CFFMPEG_AGAIN { return .lost(LibraryWords.explain(got)) }
      if isDraining { return .end }
      if let step = feed() { return step }
    }
  }

  /// Gives the decoder one more packet. Nil: it may have a frame now.
  private func feed() -> Step? {
    guard let packet else { return .end }
    LibraryWords.clear()
    let read = av_read_frame(container.format, packet)
    defer { av_packet_unref(packet) }
    if read < 0 {
      isDraining = true
      avcodec_send_packet(context, nil)
      return read == CFFMPEG_EOF ? nil : .broken(LibraryWords.explain(read))
    }
    container.input.progressed()
    // An empty packet is how AVI says "the same picture again"; to the decoder it would mean the end.
    guard packet.pointee.stream_index == container.stream.pointee.index, packet.pointee.size > 0 else { return nil }
    if packet.pointee.flags & AV_PKT_FLAG_CORRUPT != 0 { return .lost("it is cut off") }
    let sent = avcodec_send_packet(context, packet)
    return sent < 0 ? .lost(LibraryWords.explain(sent)) : nil
  }

  private func isDamaged(_ frame: UnsafeMutablePointer<AVFrame>) -> Bool {
    frame.pointee.decode_error_flags != 0 || frame.pointee.flags & AV_FRAME_FLAG_CORRUPT != 0
  }
}
