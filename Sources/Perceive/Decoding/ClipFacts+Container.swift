internal import CFFmpeg
internal import FrameExchange
internal import Vocabulary

extension ClipFacts {
  init(of container: Container, pass: borrowing DecodingPass) {
    let format = container.format.pointee
    let stream = container.stream.pointee
    let rate = pass.rate
    // An estimate gives way to what was counted.
    let isEstimate = format.duration_estimation_method != AVFMT_DURATION_FROM_STREAM
    let seconds = isEstimate && pass.reachedEnd ? nil : Self.seconds(format)
    self.init(
      container: container.name, codec: VideoDecoder.codecName(container.stream), width: pass.size?.width ?? 0,
      height: pass.size?.height ?? 0, decodedFrames: pass.decoded, frameCount: Self.count(stream.nb_frames),
      frameRate: rate, duration: seconds ?? min(Double(pass.decoded) / rate, FactLimits.seconds),
      bitRate: (1...FactLimits.bitRate).contains(format.bit_rate) ? format.bit_rate : nil,
      hasAudio: container.streams.contains { $0.pointee.codecpar?.pointee.codec_type == AVMEDIA_TYPE_AUDIO },
      captured: container.creationTime)
  }

  /// What the header says, unless FFmpeg made it up from the bit rate or it is absurd.
  private static func seconds(_ format: AVFormatContext) -> Double? {
    let isGuess = format.duration_estimation_method == AVFMT_DURATION_FROM_BITRATE
    let seconds = Double(format.duration) / Double(AV_TIME_BASE)
    return format.duration > 0 && !isGuess && seconds < FactLimits.seconds ? seconds : nil
  }

  private static func count(_ frames: Int64) -> Int? {
    (1...Int64(FactLimits.frames)).contains(frames) ? Int(frames) : nil
  }
}

extension DecodingPass {
  /// Frames a second: what the samples were taken by, else what the time stamps tell.
  var rate: Double {
    if case .frames(let fps, let per) = axis { return Double(fps) / Double(per) }
    return Double(decoded) / max(span, 1e-3)
  }
}

extension Container {
  /// Seconds since 1970. Cameras know no time zone: their clock's reading is taken as it is.
  var creationTime: Int64? {
    let tags = [format.pointee.metadata, stream.pointee.metadata]
    for tag in tags {
      guard let entry = av_dict_get(tag, "creation_time", nil, 0), let value = entry.pointee.value else { continue }
      if let time = Self.seconds(String(cString: value)) { return time }
    }
    return nil
  }

  /// Reads `2013-05-28T06:31:07` with a blank or a T; what follows is ignored.
  static func seconds(_ text: String) -> Int64? {
    let bytes = Array(text.utf8.prefix(19))
    guard bytes.count == 19 else { return nil }
    let marks: [(Int, [UInt8])] = [(4, [0x2d]), (7, [0x2d]), (10, [0x54, 0x20]), (13, [0x3a]), (16, [0x3a])]
    guard marks.allSatisfy({ $0.1.contains(bytes[$0.0]) }) else { return nil }
    let parts = [0..<4, 5..<7, 8..<10, 11..<13, 14..<16, 17..<19].map {
      Int64(String(decoding: bytes[$0], as: UTF8.self))
    }
    guard let year = parts[0], let month = parts[1], let day = parts[2], let hour = parts[3], let minute = parts[4],
      let second = parts[5], (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
      (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
    else { return nil }
    // Days since 1970 of the proleptic Gregorian calendar, the year beginning in March.
    let shifted = month > 2 ? year : year - 1
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    return ((days * 24 + hour) * 60 + minute) * 60 + second
  }
}
