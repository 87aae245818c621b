/// What camera traps write, and what people convert it to. Every other parser of FFmpeg stays shut.
enum Whitelist {
  /// Demuxers, by FFmpeg's names.
  static let containers = [
    "avi", "asf", "mov", "matroska", "mpeg", "mpegts", "flv", "ogg", "dv", "mjpeg",
  ].joined(separator: ",")

  /// Decoders, by FFmpeg's names; "msmpeg4" is version 3.
  static let codecs = [
    "mpeg4", "msmpeg4v1", "msmpeg4v2", "msmpeg4", "h263", "h263p", "h264", "hevc", "mjpeg", "mpeg1video", "mpeg2video",
    "mpegvideo", "wmv1", "wmv2", "wmv3", "vc1", "flv", "vp8", "vp9", "libdav1d", "theora", "dvvideo", "ffv1",
    "rawvideo",
  ].joined(separator: ",")
}
