internal import Foundation
internal import Settings
package import Vocabulary
package import WorkUnits

/// Finds networks by the names that the configuration uses.
package enum BackboneCatalog {
  /// Looks up a network and checks its file against its manifest's digest, which reads the whole file.
  ///
  /// - Parameters:
  ///   - name: `builtin/motion`, or NAME of a manifest NAME.toml in `directory`.
  ///   - precision: what other networks compute in. `builtin/motion` subtracts nearly equal pixels and always computes in
  ///     float32.
  /// - Throws: `BackboneProblems` with everything that is wrong.
  package static func resolve(name: String, directory: BytePath?, precision: Precision) throws -> BackboneUse {
    if name == BuiltinMotion.name {
      return try BackboneUse(backbone: BuiltinMotion.backbone, file: nil, precision: .float32)
    }
    guard let directory, isFileName(name) else { throw unknown(name, directory) }
    let path = directory.appending("\(name).toml")
    let text: [UInt8]
    do {
      text = try FileBytes.all(of: path, limit: BackboneManifest.sizeLimit)
    } catch {
      throw error.code == ENOENT ? unknown(name, directory) : BackboneProblems(["\(error)"])
    }
    let manifest = try BackboneManifest(text, name: name, at: path)
    try manifest.checkFile()
    return try BackboneUse(backbone: manifest.backbone, file: manifest.file, precision: precision)
  }

  /// Names that `resolve` may find, those of broken manifests too.
  package static func names(in directory: BytePath?) -> [String] {
    let files = directory.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0.display) } ?? []
    let installed = files.filter { $0.hasSuffix(".toml") }.map { String($0.dropLast(5)) }.filter(isFileName)
    return [BuiltinMotion.name] + installed.sorted()
  }

  /// The name becomes a file's and a folder's.
  static func isFileName(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count) && name.first != "."
      && name.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  private static func unknown(_ name: String, _ directory: BytePath?) -> BackboneProblems {
    let names = names(in: directory)
    let hint = nearest(to: name, in: names).map { "did you mean \($0)? " } ?? ""
    let place = directory.map { "there is no \(name).toml in \($0)" } ?? "no folder of manifests is configured"
    return BackboneProblems([
      "no backbone \"\(name)\": \(place); \(hint)there are \(names.joined(separator: ", "))"
    ])
  }
}

/// Everything that is wrong with a backbone's manifest or its network's file, each with its place.
package struct BackboneProblems: Error, Equatable, CustomStringConvertible {
  package var problems: [String]

  init(_ problems: [String]) { self.problems = problems }

  package var description: String { problems.joined(separator: "\n") }
}
