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
    } catch {
      throw damaged(error)
    }
  }

  /// A file that another unit of the run has made; one that is gone is damaged, too.
  static func product(_ path: BytePath) throws -> TensorFile {
    do {
      return try tensors(path)
    } catch let error as WorkError {
      throw FileManager.default.fileExists(atPath: path.display) ? error : missing(path)
    }
  }

  private static func missing(_ path: BytePath) -> WorkError {
    WorkError(.input, "\(path) is gone; it is made again", damaged: path)
  }

  /// A tensor that is what was written.
  static func tensor(_ name: String, in file: TensorFile) throws -> Tensor {
    do {
      return try file.intact(name)
    } catch {
      throw damaged(error)
    }
  }

  /// What the daemon is told of a file that cannot be used: which one it is, so that it is made again.
  static func damaged(_ error: TensorFileError) -> WorkError {
    guard case .damaged(let path, _) = error else { return WorkError(.environment, "\(error)") }
    return WorkError(.input, "\(error); it is made again", damaged: path)
  }

  /// A value that another unit of the run has written with its digest.
  static func sealed<Value: Codable>(_ type: Value.Type, _ path: BytePath) throws -> Value {
    guard let data = FileManager.default.contents(atPath: path.display) else {
      if !FileManager.default.fileExists(atPath: path.display) { throw missing(path) }
      throw WorkError(.environment, "\(path): cannot be read")
    }
    do {
      return try CanonicalJSON.decode(Sealed<Value>.self, from: data).value
    } catch {
      throw WorkError(.input, "\(path) is damaged: it is not what was written; it is made again", damaged: path)
    }
  }

  /// With digests: a run's products are read for as long as it is the newest.
  static func write(_ tensors: [TensorData], metadata: [String: String] = [:], to path: BytePath) throws {
    do {
      try TensorFile.write(tensors, metadata: metadata, hasDigests: true, to: path)
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
