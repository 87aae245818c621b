internal import Foundation
internal import Toml
package import Vocabulary
internal import WorkUnits

extension Settings {
  /// Reads and checks a configuration file.
  ///
  /// - Throws: every problem at once, each with file, line and key.
  package static func load(_ file: BytePath) throws(SettingsProblems) -> Settings {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: file.display))
    } catch {
      throw SettingsProblems(["\(file): cannot be read: \(error.systemReason); name another file with --config"])
    }
    let working = BytePath(FileManager.default.currentDirectoryPath)
    let absolute = file.isAbsolute ? file : working.appending(file)
    return try parse(Array(data), file: file, folder: absolute.deletingLastComponent)
  }

  /// The same for text in memory; relative paths are relative to `folder`.
  package static func parse(
    _ text: [UInt8], file: BytePath, folder: BytePath
  ) throws(SettingsProblems) -> Settings {
    let root: TomlNode
    do {
      root = try Toml.parse(text)
    } catch {
      throw SettingsProblems(["\(file):\(error.line): \(error.reason)"])
    }
    let complaints = Complaints(file)
    let settings = read(Section("", root, complaints), folder)
    if !complaints.all.isEmpty { throw SettingsProblems(complaints.all) }
    return settings
  }

  private static func read(_ root: Section, _ folder: BytePath) -> Settings {
    var settings = Settings()
    if let path = root.path("state_dir", relativeTo: folder) { settings.stateDirectory = path }
    settings.sources = sources(root.sections("source"), folder)
    if let section = root.section("download") { settings.download.read(section, folder) }
    if let section = root.section("torrent") { settings.torrent.read(section) }
    if let section = root.section("storage") { settings.storage.read(section) }
    if let section = root.section("watch") { settings.watch.read(section, folder) }
    if let section = root.section("labels") { settings.labels.read(section, folder) }
    if let section = root.section("features") { settings.features.read(section, folder) }
    if let section = root.section("ensemble") { settings.ensemble.read(section) }
    if let section = root.section("schedule") { settings.schedule.read(section) }
    if let section = root.section("control") { settings.control.read(section, folder) }
    if let section = root.section("http") { settings.http.read(section) }
    root.later("cluster")
    root.finish()
    return settings
  }

  private static func sources(_ sections: [Section], _ folder: BytePath) -> [SourceSettings] {
    var sources: [SourceSettings] = []
    for section in sections {
      guard let source = SourceSettings(section, folder) else { continue }
      if sources.contains(where: { $0.id == source.id }) {
        section.complain("id", "\"\(source.id)\" stands twice; every source needs an id of its own")
      }
      sources.append(source)
    }
    return sources
  }
}
