internal import CFFmpeg
internal import Foundation

/// Scales frames to one size and one kind of pixels: bicubic, both sides forced, the same bytes on every processor. What a
/// frame is (size, pixels, colours) may change from one frame to the next, and the scaler with it.
final class FrameScaler {
  enum Pixels {
    /// What networks see.
    case rgb
    /// What encoders take: BT.601, 16 to 235; all of luma, then a quarter as much of each chroma. The side is even.
    case yuv420

    /// Bytes of a row and rows of each plane.
    func planes(side: Int) -> [(row: Int, rows: Int)] {
      switch self {
      case .rgb: [(side * 3, side)]
      case .yuv420: [(side, side), (side / 2, side / 2), (side / 2, side / 2)]
      }
    }

    func byteCount(side: Int) -> Int { planes(side: side).reduce(0) { $0 + $1.row * $1.rows } }

    fileprivate var format: AVPixelFormat { self == .rgb ? AV_PIX_FMT_RGB24 : AV_PIX_FMT_YUV420P }
  }

  private let side: Int32
  private let pixels: Pixels
  private var context: OpaquePointer?
  private var shape: Shape?
  /// Planes as swscale writes them, one behind the other.
  private let image: UnsafeMutablePointer<UInt8>
  private let planes: [Plane]

  private struct Plane {
    var row: Int
    var rows: Int
    var stride: Int
    /// In `image`.
    var offset: Int
  }

  private struct Shape: Equatable {
    var width: Int32
    var height: Int32
    var format: Int32
    var matrix: Int32
    var isFullRange: Bool
  }

  init?(side: Int, pixels: Pixels = .rgb) {
    self.side = Int32(side)
    self.pixels = pixels
    var planes: [Plane] = []
    var size = 0
    for (row, rows) in pixels.planes(side: side) {
      // Rows with room behind them: swscale writes whole vectors.
      let stride = (row + 63) / 64 * 64 + 64
      planes.append(Plane(row: row, rows: rows, stride: stride, offset: size))
      size += stride * (rows + 1)
    }
    self.planes = planes
    guard let image = av_mallocz(size) else { return nil }
    self.image = image.assumingMemoryBound(to: UInt8.self)
  }

  deinit {
    sws_freeContext(context)
    av_free(image)
  }

  /// Writes side by side pixels to `destination`, without gaps.
  func scale(_ frame: UnsafeMutablePointer<AVFrame>, to destination: UnsafeMutableRawPointer) throws(Unreadable) {
    try adapt(to: frame)
    let starts: [UnsafeMutablePointer<UInt8>?] = (0..<4).map { $0 < planes.count ? image + planes[$0].offset : nil }
    let strides: [Int32] = (0..<4).map { $0 < planes.count ? Int32(planes[$0].stride) : 0 }
    let rows = withUnsafeBytes(of: &frame.pointee.data) { data in
      withUnsafeBytes(of: &frame.pointee.linesize) { lines in
        sws_scale(
          context, data.assumingMemoryBound(to: UnsafePointer<UInt8>?.self).baseAddress,
          lines.assumingMemoryBound(to: Int32.self).baseAddress, 0, frame.pointee.height, starts, strides)
      }
    }
    guard rows == side else { throw Unreadable("scaling it", code: rows < 0 ? rows : -EINVAL) }
    var next = destination
    for plane in planes {
      for row in 0..<plane.rows {
        next.copyMemory(from: image + plane.offset + row * plane.stride, byteCount: plane.row)
        next += plane.row
      }
    }
  }

  private func adapt(to frame: UnsafeMutablePointer<AVFrame>) throws(Unreadable) {
    let frame = frame.pointee
    // Where a clip does not say its colours they are BT.601, as in every player.
    let known: ClosedRange<UInt32> = 1...10
    let matrix = known.contains(frame.colorspace.rawValue) ? Int32(frame.colorspace.rawValue) : SWS_CS_ITU601
    let wanted = Shape(
      width: frame.width, height: frame.height, format: frame.format, matrix: matrix,
      isFullRange: frame.color_range == AVCOL_RANGE_JPEG)
    if wanted == shape { return }
    shape = nil
    sws_freeContext(context)
    context = nil
    let format = AVPixelFormat(rawValue: frame.format)
    guard frame.width > 0, frame.height > 0, sws_isSupportedInput(format) > 0 else {
      throw Unreadable("its pixels are of a kind that cannot be converted")
    }
    guard let made = sws_alloc_context() else { throw Unreadable("scaling it", code: -ENOMEM) }
    context = made
    let flags = Int64(SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT)
    for (name, value) in [
      ("srcw", Int64(frame.width)), ("srch", Int64(frame.height)), ("src_format", Int64(frame.format)),
      ("dstw", Int64(side)), ("dsth", Int64(side)), ("dst_format", Int64(pixels.format.rawValue)),
      ("sws_flags", flags), ("src_range", wanted.isFullRange ? 1 : 0),
      ("src_v_chr_pos", Self.hasQuarterChroma(format) ? 128 : -513),
      ("dst_v_chr_pos", Self.hasQuarterChroma(pixels.format) ? 128 : -513),
    ] {
      av_opt_set_int(UnsafeMutableRawPointer(made), name, value, 0)
    }
    let code = sws_init_context(made, nil, nil)
    guard code >= 0 else { throw Unreadable("scaling it", code: code) }
    let unit: Int32 = 1 << 16
    sws_setColorspaceDetails(
      made, sws_getCoefficients(matrix), wanted.isFullRange ? 1 : 0, sws_getCoefficients(SWS_CS_DEFAULT),
      pixels == .rgb ? 1 : 0, 0, unit, unit)
    shape = wanted
  }

  /// Chroma halved both ways lies between two lines, unless told otherwise.
  private static func hasQuarterChroma(_ format: AVPixelFormat) -> Bool {
    guard let description = av_pix_fmt_desc_get(format) else { return false }
    return description.pointee.log2_chroma_w == 1 && description.pointee.log2_chroma_h == 1
  }
}
