import Foundation
import TensorFiles
import TestSupport
import Testing
import Vocabulary

@Suite struct TensorFileTests {
  @Test func whatIsWrittenIsRead() throws {
    try Scratch.with { directory in
      let path = BytePath(directory.path).appending("a.safetensors")
      try TensorFile.write(
        [
          TensorData(name: "b\"quoted", float16: [1, -2.5, 65504], shape: [3, 1]),
          TensorData(name: "a", float32: [0.1, .infinity], shape: [2]),
          TensorData(name: "empty", int32: [], shape: [0, 7]),
          TensorData(name: "ids", uint8: [1, 2, 255], shape: [3]),
        ], metadata: ["made": "by a test"], to: path)
      let file = try TensorFile(mapping: path)
      #expect(file.names == ["a", "b\"quoted", "empty", "ids"])
      #expect(file.metadata == ["made": "by a test"])
      #expect(try file.tensor("b\"quoted").floats == [1, -2.5, 65504])
      #expect(try file.tensor("b\"quoted").shape == [3, 1])
      #expect(try file.tensor("a").floats == [0.1, .infinity])
      #expect(try file.tensor("empty").int32s.isEmpty)
      #expect(try file.tensor("ids").floats == [1, 2, 255])
      #expect(throws: TensorFileError.self) { try file.tensor("none") }
    }
  }

  @Test func everyFloat16IsWidenedExactly() throws {
    try Scratch.with { directory in
      let path = BytePath(directory.path).appending("halves.safetensors")
      let halves = (0...UInt16.max).map { Float16(bitPattern: $0) }
      try TensorFile.write([TensorData(name: "a", float16: halves.map { Float($0) }, shape: [halves.count])], to: path)
      let values = try TensorFile(mapping: path).tensor("a").floats
      #expect(values.count == 65536)
      let wrong = zip(values, halves).filter { value, half in
        half.isNaN ? !value.isNaN : value.bitPattern != Float(half).bitPattern
      }
      #expect(wrong.isEmpty, "\(wrong.prefix(3))")
    }
  }

  /// Each damage by its bytes: what a header may lie about.
  @Test(arguments: [
    "", "{", "[]", #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}"#,
    #"{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#,
    #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}"#,
    #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#,
  ])
  func refusesDamage(_ header: String) throws {
    try Scratch.with { directory in
      let file = directory.appending(path: "damaged.safetensors")
      let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
      try (length + Data(header.utf8) + Data(count: 4)).write(to: file)
      #expect(throws: TensorFileError.self) { try TensorFile(mapping: BytePath(file.path)) }
    }
  }

  @Test(arguments: [0, 7, 8, 20, 60])
  func refusesTruncation(_ count: Int) throws {
    try Scratch.with { directory in
      let whole = BytePath(directory.path).appending("whole.safetensors")
      try TensorFile.write([TensorData(name: "a", float32: [1, 2, 3], shape: [3])], to: whole)
      let data = try Data(contentsOf: URL(filePath: whole.display))
      let cut = directory.appending(path: "cut.safetensors")
      try data.prefix(count).write(to: cut)
      #expect(throws: TensorFileError.self) { try TensorFile(mapping: BytePath(cut.path)) }
    }
  }

  /// Any bit of a tensor that changes is noticed, in that tensor alone; a file without digests is believed.
  @Test func aFlippedBitIsTold() throws {
    try Scratch.with { directory in
      for hasDigests in [true, false] {
        let path = BytePath(directory.path).appending("\(hasDigests).safetensors")
        let tensors = ["a", "b"].map { TensorData(name: $0, float16: [1, 2], shape: [2]) }
        try TensorFile.write(tensors, hasDigests: hasDigests, to: path)
        let data = try Data(contentsOf: URL(filePath: path.display))
        for bit in 0..<64 {
          var changed = data
          changed[data.count - 8 + bit / 8] ^= 1 << (bit % 8)
          let other = directory.appending(path: "\(hasDigests) \(bit)")
          try changed.write(to: other)
          let file = try TensorFile(mapping: BytePath(other.path))
          let intact = try ["a", "b"].map { try file.tensor($0).isIntact }
          #expect(intact == (hasDigests ? [bit >= 32, bit < 32] : [true, true]))
        }
        let sound = try TensorFile(mapping: path).tensor("a")
        #expect(sound.isIntact)
      }
    }
  }

  /// What is read of clips' probabilities is what was written, and is probabilities.
  @Test func probabilitiesAreWhatTheyWere() throws {
    try Scratch.with { directory in
      func write(_ values: [Float], _ name: String) throws -> BytePath {
        let path = BytePath(directory.path).appending(name)
        let clip = ClipID(Digest(of: Data(name.utf8)))
        try ClipProbabilities(clips: [clip], classes: 2, values: values, priors: 1).write(to: path)
        return path
      }
      let good = try write([0, 1], "good")
      let read = try ClipProbabilities(good, classes: 2)
      #expect(read.values == [0, 1] && read.priors == 1)
      #expect(throws: TensorFileError.self) { try ClipProbabilities(good, classes: 3) }
      for (index, value) in [Float.nan, -0.1, 1.1, .infinity].enumerated() {
        let bad = try write([0.5, value], "bad \(index)")
        #expect(throws: TensorFileError.self) { try ClipProbabilities(bad, classes: 2) }
      }
      var data = try Data(contentsOf: URL(filePath: good.display))
      data[data.count - 1] ^= 1
      try data.write(to: URL(filePath: good.display))
      #expect(throws: TensorFileError.self) { try ClipProbabilities(good, classes: 2) }
    }
  }

  /// Cut off anywhere, or longer than it was, a file is not whole; by its header alone.
  @Test func wholenessIsTold() throws {
    try Scratch.with { directory in
      let path = BytePath(directory.path).appending("whole.safetensors")
      #expect(!TensorFile.isWhole(path))
      let tensors = (0..<3).map { TensorData(name: "a\($0)", float32: [1, 2, 3], shape: [3]) }
      try TensorFile.write(tensors, metadata: ["k": "v"], to: path)
      #expect(TensorFile.isWhole(path))
      let data = try Data(contentsOf: URL(filePath: path.display))
      let other = directory.appending(path: "other.safetensors")
      for damaged in (0..<data.count).map({ data.prefix($0) }) + [data + [0]] {
        try damaged.write(to: other)
        #expect(!TensorFile.isWhole(BytePath(other.path)), "\(damaged.count) of \(data.count) bytes")
      }
    }
  }
}
