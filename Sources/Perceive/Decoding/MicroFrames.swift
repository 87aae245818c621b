internal import CFFmpeg
internal import Foundation
internal import Vocabulary
internal import WorkUnits

/// Room for the frames of a micro clip before it is encoded, in yuv420: 1.4 MiB. Zeros at first.
final class MicroFrames {
  let format: MicroFormat
  let room: UnsafeMutableRawBufferPointer

  init(_ format: MicroFormat) throws(MicroTrouble) {
    self.format = format
    let size = FrameScaler.Pixels.yuv420.byteCount(side: format.sampling.side) * format.sampling.frames
    guard let memory = av_mallocz(size) else { throw MicroTrouble("making room for it", code: -ENOMEM) }
    room = UnsafeMutableRawBufferPointer(start: memory, count: size)
  }

  deinit { av_free(room.baseAddress) }

  /// Points a picture's planes to frame number `index`.
  func show(_ index: Int, in picture: UnsafeMutablePointer<AVFrame>) {
    let side = format.sampling.side
    let size = FrameScaler.Pixels.yuv420.byteCount(side: side)
    guard var start = room.baseAddress?.advanced(by: index * size).assumingMemoryBound(to: UInt8.self) else { return }
    withUnsafeMutableBytes(of: &picture.pointee.data) { data in
      withUnsafeMutableBytes(of: &picture.pointee.linesize) { lines in
        for (plane, (row, rows)) in FrameScaler.Pixels.yuv420.planes(side: side).enumerated() {
          data.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self)[plane] = start
          lines.assumingMemoryBound(to: Int32.self)[plane] = Int32(row)
          start += row * rows
        }
      }
    }
  }
}

/// Why a micro clip could not be made. The clip is not to blame: an encoder is content with any pixels.
package struct MicroTrouble: Error, CustomStringConvertible {
  package var description: String

  init(_ what: String, code: Int32) {
    description = "its micro clip cannot be made: \(what): \(LibraryWords.explain(code))"
  }

  init(_ reason: String) { description = "its micro clip cannot be made: \(reason)" }
}
