import Foundation
import TestSupport
import Vocabulary

/// The ways.
extension ArrivalWorld {
  static let hasRsync = FileManager.default.isExecutableFile(atPath: "/usr/bin/rsync")

  typealias Way = (weight: Int, act: @Sendable (ArrivalWorld) throws -> Void)

  static let ways: [Way] = [
    (10, { $0.written() }), (10, { $0.copiedSlowly() }), (10, { $0.goOn() }), (10, { $0.renamedIn() }),
    (5, { $0.linkedIn() }), (3, { $0.mapped() }), (6, { $0.temporary() }), (2, { $0.placeholder() }),
    (2, { $0.download() }), (4, { $0.replaced() }), (4, { $0.writtenOver() }), (3, { $0.deleted() }),
    (3, { $0.renamed() }), (3, { $0.touched() }), (2, { try $0.folderIn() }), (2, { $0.folderMoved() }),
    (1, { $0.folderAway() }), (2, { $0.strangers() }),
  ]

  func act() throws {
    let total = Self.ways.reduce(0) { $0 + $1.weight }
    var left = number(below: total)
    for way in Self.ways {
      left -= way.weight
      if left < 0 { return try way.act(self) }
    }
  }

  private func write(_ name: String, size: Int) {
    let writer = Writer(walk.url(name))
    writer.write(size: size)
    writer.end()
  }

  private func written() {
    let name = newName(number(below: 2) == 0 ? ".AVI" : ".mp4")
    let version = newVersion()
    write(name, size: version)
    landed(name, version)
  }

  private func copiedSlowly() {
    if unfinished.count > 20 { return goOn() }
    let name = newName()
    let writer = Writer(walk.url(name))
    writer.write(size: partialSize())
    begin(name, writer: writer, version: newVersion())
  }

  private func goOn() {
    if unfinished.isEmpty { return }
    let place = number(below: unfinished.count)
    if number(below: 2) == 0 { return finish(unfinished.remove(at: place)) }
    unfinished[place].writer?.write(size: partialSize())
    unfinished[place].mapping?.write()
  }

  private func renamedIn() {
    let isOld = number(below: 2) == 0
    let (url, version) = outsider(isOld: isOld)
    let name = newName(".MOV")
    rename(url.path, walk.url(name).path)
    landed(name, version, isOld: isOld)
  }

  private func linkedIn() {
    let isOld = number(below: 2) == 0
    let (url, version) = outsider(isOld: isOld)
    let name = newName()
    link(url.path, walk.url(name).path)
    landed(name, version, isOld: isOld)
  }

  private func mapped() {
    let name = newName()
    let version = newVersion()
    let mapping = Mapping(walk.url(name), size: version)
    mapping.write()
    // Pages that are written later do not show in the file's time at once: only the kernel knows that somebody may.
    if pausesAreLong { return begin(name, mapping: mapping, version: version) }
    mapping.end()
    landed(name, version)
  }

  private func temporary() {
    let name = newName()
    let url = walk.url(name)
    let temporary = [".\(url.lastPathComponent).Xa91zQ", "\(url.lastPathComponent).part", "~$\(url.lastPathComponent)"]
    let place = url.deletingLastPathComponent().appending(path: temporary[number(below: temporary.count)])
    let version = newVersion()
    let writer = Writer(place)
    writer.write(size: partialSize())
    turn()
    writer.write(size: version)
    writer.end()
    turn()
    rename(place.path, url.path)
    landed(name, version)
  }

  private func placeholder() {
    let name = newName(".webm")
    let version = newVersion()
    write(name, size: 0)
    write(name + ".part", size: version)
    idle()
    rename(walk.url(name + ".part").path, walk.url(name).path)
    landed(name, version)
  }

  private func download() {
    let name = newName()
    let version = newVersion()
    write(name + ".aria2", size: 1)
    write(name, size: version)
    idle()
    unlink(walk.url(name + ".aria2").path)
    landed(name, version)
    whole[name]?.since = nil  // It has not changed since it was made as large as it is.
  }

  private func replaced() {
    guard let name = anyWhole() else { return }
    let isOld = number(below: 2) == 0
    let (url, version) = outsider(isOld: isOld)
    rename(url.path, walk.url(name).path)
    landed(name, version, isOld: isOld)
  }

  private func writtenOver() {
    guard let name = anyWhole() else { return }
    let writer = Writer(walk.url(name), truncating: true)
    writer.write(size: partialSize())
    begin(name, writer: writer, version: newVersion())
  }

  private func deleted() {
    guard let name = anyWhole() else { return }
    unlink(walk.url(name).path)
    left(name)
  }

  private func renamed() {
    guard let name = anyWhole(), let file = whole[name] else { return }
    let other = newName()
    rename(walk.url(name).path, walk.url(other).path)
    left(name)
    landed(other, file.version)
    whole[other]?.since = file.since
  }

  /// Neither permissions nor links nor a reader change what is in a file.
  private func touched() {
    guard let name = anyWhole() else { return }
    let url = walk.url(name)
    chmod(url.path, 0o640)
    link(url.path, url.path + ".tmp")
    _ = try? Data(contentsOf: url)
    Writer(url).end()
    if number(below: 2) == 0 { unlink(url.path + ".tmp") }
  }

  private func folderIn() throws {
    let card = walk.folder.deletingLastPathComponent().appending(path: "card-\(newVersion())")
    var landings: [(name: String, version: Int, isOld: Bool)] = []
    for part in ["DCIM/100", "DCIM/101", ""] {
      let isOld = number(below: 2) == 0
      let (url, version) = outsider(isOld: isOld)
      let place = card.appending(path: part)
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
      rename(url.path, place.appending(path: "IMG.avi").path)
      landings.append((part.isEmpty ? "IMG.avi" : "\(part)/IMG.avi", version, isOld))
    }
    let name = "card-\(newVersion())"
    rename(card.path, walk.url(name).path)
    for file in landings { landed("\(name)/\(file.name)", file.version, isOld: file.isOld) }
  }

  /// The files in a folder that came as a whole.
  private func card() -> (name: String, files: [String])? {
    guard let name = whole.keys.filter({ $0.hasPrefix("card-") }).min(), let slash = name.firstIndex(of: "/") else {
      return nil
    }
    let folder = String(name[..<slash])
    if unfinished.contains(where: { $0.name.hasPrefix(folder + "/") }) { return nil }
    return (folder, whole.keys.filter { $0.hasPrefix(folder + "/") })
  }

  private func folderMoved() {
    guard let card = card() else { return }
    let other = "card-\(newVersion())"
    rename(walk.url(card.name).path, walk.url(other).path)
    for file in card.files {
      guard let old = whole[file] else { continue }
      let name = other + file.dropFirst(card.name.count)
      left(file)
      landed(name, old.version)
      whole[name]?.since = old.since
    }
  }

  /// A folder is moved out, and sometimes a link is left in its place.
  private func folderAway() {
    guard let card = card() else { return }
    let away = walk.folder.deletingLastPathComponent().appending(path: "away-\(newVersion())")
    rename(walk.url(card.name).path, away.path)
    for file in card.files { left(file) }
    if number(below: 2) == 0 { symlink(away.path, walk.url(card.name).path) }
  }

  /// What is no clip, though it looks like one.
  private func strangers() {
    let secret = walk.folder.deletingLastPathComponent().appending(path: "outside/secret.mp4").path
    symlink(secret, walk.url(newName()).path)
    mkfifo(walk.url(newName()).path, 0o600)
    write(newName(".jpg"), size: 5)
    write(newName(".mp4.crdownload"), size: 6)
    mkdir(walk.url(newName()).path, 0o755)
  }

  /// rsync copies under hidden names and renames.
  func rsynced(_ files: Int) throws {
    guard Self.hasRsync else { return }
    let from = walk.folder.deletingLastPathComponent().appending(path: "from-\(newVersion())")
    let to = "rsync-\(newVersion())"
    try FileManager.default.createDirectory(at: from.appending(path: "sub"), withIntermediateDirectories: true)
    var landings: [(name: String, version: Int)] = []
    for number in 0..<files {
      let version = newVersion()
      let name = "\(number % 2 == 0 ? "" : "sub/")r\(number).mkv"
      let writer = Writer(from.appending(path: name))
      writer.write(size: version)
      writer.end()
      landings.append(("\(to)/\(name)", version))
    }
    try Command.run("rsync", ["-a", from.path + "/", walk.url(to).path])
    for file in landings { landed(file.name, file.version) }
  }
}
