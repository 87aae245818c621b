internal import Foundation
internal import TensorFiles
internal import Vocabulary
internal import WorkUnits

/// The files that learning units read and write, with errors that name them.
enum WorkFiles {
  static func dataset(_ path: BytePath) throws -> Dataset { try decode(Dataset.self, path) }

  static func decode<Value: Decodable>(_ type: Value.Type, _ path: BytePath) throws -> Value {
    guard let data = FileManager.default.contents(atPath: path.display) else {
      throw WorkError(.environment, "\(path): cannot be read")
    }
    do {
      return try CanonicalJSON.decode(type, from: data)
    } catch {
      throw WorkError(.input, "\(path): not what this version writes there: \(error)")
    }
  }

  static func write(_ value: some Encodable, to path: BytePath) throws {
    let data = try CanonicalJSON.encodePretty(value)
    do {
      try data.write(to: URL(filePath: path.display))
    } catch {
      throw WorkError(.environment, "\(path): cannot be written: \(error.systemReason)")
    }
  }

  static func tensors(_ path: BytePath) throws -> TensorFile {
    do {
      return try TensorFile(mapping: path)
    } catch .damaged(let path, let what) {
      throw WorkError(.input, "\(path) is damaged: \(what); remove it to have it made again", damaged: path)
    } catch {
      throw WorkError(.environment, "\(error)")
    }
  }

  static func tensor(_ name: String, in file: TensorFile) throws -> Tensor {
    do {
      return try file.tensor(name)
    } catch {
      throw WorkError(.input, "\(error)")
    }
  }

  static func write(_ tensors: [TensorData], metadata: [String: String] = [:], to path: BytePath) throws {
    do {
      try TensorFile.write(tensors, metadata: metadata, to: path)
    } catch {
      throw WorkError(.environment, "\(error)")
    }
  }

  static func write(_ probabilities: ClipProbabilities, to path: BytePath) throws {
    do {
      try probabilities.write(to: path)
    } catch {
      throw WorkError(.environment, "\(error)")
    }
  }
}
