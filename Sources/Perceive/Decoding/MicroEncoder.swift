internal import CFFmpeg
internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// Encodes micro clips with x264: one thread, no choice that depends on the processor, so the same frames give the same
/// bytes. x264 generates no code at run time, so it works where no memory may be executable.
final class MicroEncoder {
  private var codec: UnsafeMutablePointer<AVCodecContext>?
  private var picture: UnsafeMutablePointer<AVFrame>?
  private var packet: UnsafeMutablePointer<AVPacket>?
  private let file: MicroFile

  /// Writes the MP4 file of the first `count` frames to `room` and returns its size.
  static func encode(
    _ frames: MicroFrames, count: Int, to room: UnsafeMutableRawBufferPointer
  ) throws(MicroTrouble) -> Int {
    LibraryWords.clear()
    let encoder = try MicroEncoder(frames.format)
    for index in 0..<count {
      guard let picture = encoder.picture else { break }
      frames.show(index, in: picture)
      picture.pointee.pts = Int64(index)
      try encoder.put(picture)
    }
    try encoder.put(nil)
    return try encoder.file.finish(to: room)
  }

  private init(_ format: MicroFormat) throws(MicroTrouble) {
    guard let found = avcodec_find_encoder_by_name("libx264") else {
      throw MicroTrouble("FFmpeg is without x264 here; install Debian's libavcodec, which has it")
    }
    let codec = avcodec_alloc_context3(found)
    var options: OpaquePointer?
    defer { av_dict_free(&options) }
    av_dict_set_int(&options, "crf", Int64(format.rateFactor), 0)
    // At this size the slower presets take three times as long for files that are no smaller.
    av_dict_set(&options, "preset", "veryfast", 0)
    // Another processor takes no other path, and no thread looks ahead.
    av_dict_set(&options, "x264-params", "cpu-independent=1:threads=1:lookahead-threads=1:sync-lookahead=0", 0)
    do throws(MicroTrouble) {
      guard let codec else { throw MicroTrouble("preparing it", code: -ENOMEM) }
      Self.describe(format, codec)
      let code = avcodec_open2(codec, found, &options)
      guard code == 0 else { throw MicroTrouble("its encoder does not start", code: code) }
      guard av_dict_count(options) == 0 else { throw MicroTrouble("its encoder does not know what is wanted of it") }
      file = try MicroFile(codec)
    } catch {
      var made = codec
      avcodec_free_context(&made)
      throw error
    }
    self.codec = codec
    packet = av_packet_alloc()
    picture = av_frame_alloc()
    guard packet != nil, let picture else { throw MicroTrouble("preparing it", code: -ENOMEM) }
    picture.pointee.format = AV_PIX_FMT_YUV420P.rawValue
    picture.pointee.width = Int32(format.sampling.side)
    picture.pointee.height = Int32(format.sampling.side)
  }

  deinit {
    avcodec_free_context(&codec)
    av_frame_free(&picture)
    av_packet_free(&packet)
  }

  private static func describe(_ format: MicroFormat, _ codec: UnsafeMutablePointer<AVCodecContext>) {
    let sampling = format.sampling
    codec.pointee.width = Int32(sampling.side)
    codec.pointee.height = Int32(sampling.side)
    codec.pointee.pix_fmt = AV_PIX_FMT_YUV420P
    codec.pointee.time_base = AVRational(num: Int32(sampling.rateDenominator), den: Int32(sampling.rateNumerator))
    codec.pointee.framerate = AVRational(num: Int32(sampling.rateNumerator), den: Int32(sampling.rateDenominator))
    codec.pointee.thread_count = 1
    codec.pointee.flags |= Int32(AV_CODEC_FLAG_BITEXACT) | Int32(AV_CODEC_FLAG_GLOBAL_HEADER)
  }

  /// Gives the encoder a frame, or nil after the last, and writes down what it has ready.
  private func put(_ picture: UnsafeMutablePointer<AVFrame>?) throws(MicroTrouble) {
    let sent = avcodec_send_frame(codec, picture)
    guard sent == 0, let packet else { throw MicroTrouble("encoding it", code: sent) }
    while true {
      let got = avcodec_receive_packet(codec, packet)
      if got == CFFMPEG_AGAIN || got == CFFMPEG_EOF { return }
      guard got == 0 else { throw MicroTrouble("encoding it", code: got) }
      try file.add(packet)
    }
  }
}
