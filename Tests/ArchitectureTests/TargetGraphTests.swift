import Foundation
import TestSupport
import Testing

/// The rules of `docs/architecture.md`, read off the package's own description.
@Suite struct TargetGraphTests {
  private struct Package: Decodable {
    var targets: [Target]
  }

  private struct Target: Decodable {
    struct Dependency: Decodable {
      /// The name and, where there is one, a condition.
      var byName: [String?]
    }

    var name: String
    var type: String
    var path: String?
    var dependencies: [Dependency]

    /// `Sources/<layer>/<name>`.
    var layer: String { path.map { $0.split(separator: "/").dropFirst().first.map(String.init) ?? "" } ?? "" }
    var needs: [String] { dependencies.compactMap { $0.byName.first ?? nil } }
  }

  private static func targets() throws -> [String: Target] {
    try Scratch.with { scratch in
      let output = try Command.run(
        "swift",
        ["package", "--package-path", Checkout.root.path, "--scratch-path", scratch.path, "dump-package"])
      let package = try JSONDecoder().decode(Package.self, from: output)
      return Dictionary(uniqueKeysWithValues: package.targets.filter { $0.type != "test" }.map { ($0.name, $0) })
    }
  }

  /// What a module of a layer may depend on, its own layer apart.
  private static let below: [String: Set<String>] = [
    "C": [], "Base": ["C"], "Ingest": ["C", "Base"], "Perceive": ["C", "Base"], "Learn": ["C", "Base"],
    "Publish": ["C", "Base"], "Operate": ["C", "Base", "Ingest", "Perceive", "Learn", "Publish"],
    "Tools": ["Base", "Ingest", "Perceive", "Learn", "Publish", "Operate"],
  ]

  @Test func aStageImportsNoOtherStage() throws {
    let targets = try Self.targets()
    var judged = 0
    for target in targets.values where Self.below[target.layer] != nil {
      for name in target.needs {
        let needed = try #require(targets[name])
        judged += 1
        #expect(
          needed.layer == target.layer || Self.below[target.layer]?.contains(needed.layer) == true,
          "\(target.layer)/\(target.name) may not depend on \(needed.layer)/\(name)")
      }
    }
    #expect(judged > 50)
  }

  @Test func onlyTheToolsKnowThePipeline() throws {
    for target in try Self.targets().values where target.needs.contains("Pipeline") {
      #expect(target.layer == "Tools", "\(target.name) knows the order of the stages")
    }
  }

  /// Each C library is spoken to by one module (or the two that share a process border), so that its hazards have one home.
  @Test func eachLibraryHasOneHome() throws {
    let shared: Set<String> = ["CLinux"]
    var users: [String: [String]] = [:]
    for target in try Self.targets().values {
      for name in target.needs where name.hasPrefix("C") && name.dropFirst().first?.isUppercase == true {
        users[name, default: []].append(target.name)
      }
    }
    for (library, users) in users where !shared.contains(library) && !["Control", "Commands"].contains(library) {
      #expect(users.count <= 2, "\(library) is used by \(users.sorted())")
    }
  }

  /// The daemon must not link what parses a stranger's bytes, nor what computes: `ldd` is the proof, whatever the graph says.
  @Test func theDaemonLinksNoParser() throws {
    let linked = String(
      decoding: try Command.run("ldd", [Checkout.products.appending(path: "primatrixd").path]), as: UTF8.self)
    #expect(linked.contains("libsqlite3"))
    for library in ["libavcodec", "libavformat", "libarchive", "libopenvino", "libopenblas", "libswscale"] {
      #expect(!linked.contains(library), "primatrixd links \(library)")
    }
  }

  @Test func theToolOpensNoCatalog() throws {
    let linked = String(
      decoding: try Command.run("ldd", [Checkout.products.appending(path: "primatrixctl").path]), as: UTF8.self)
    for library in ["libsqlite3", "libavcodec", "libarchive", "libopenvino", "libopenblas"] {
      #expect(!linked.contains(library), "primatrixctl links \(library)")
    }
  }
}
