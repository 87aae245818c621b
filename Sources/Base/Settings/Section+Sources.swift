internal import Foundation
internal import Toml
internal import Vocabulary

extension SourceSettings {
  init?(_ section: Section, _ folder: BytePath) {
    let id = section.value("id", "a name of letters, digits, - and _, at most 64") {
      if case .string(let text) = $0, Self.isSafe(text) { text } else { nil }
    }
    let torrent = section.value("torrent", "a .torrent file, its http or https address, or a magnet link") {
      if case .string(let text) = $0 { Self.torrent(text, folder) } else { nil }
    }
    let urls = section.value("urls", "a list of http, https or file addresses, or absolute paths") {
      if case .array(let nodes) = $0, !nodes.isEmpty { Self.addresses(nodes) } else { nil }
    }
    digest = section.value("sha256", "64 hexadecimal digits") {
      if case .string(let text) = $0 { Digest(hex: text) } else { nil }
    }
    files = section.strings("files") ?? []
    role = section.choice("role", SourceRole.allCases.map { ($0.rawValue, $0) }) ?? .clips
    retention = section.choice("retention", Retention.allCases.map { ($0.rawValue, $0) }) ?? .keep
    allowsRAR = section.flag("rar") ?? false
    section.finish()
    guard let id else {
      if !section.wasGiven("id") { section.missing("id", "a short name of your own for this source") }
      return nil
    }
    self.id = id
    guard let origin = Self.origin(section, torrent: torrent, urls: urls) else { return nil }
    self.origin = origin
    if digest != nil, case .torrent = origin {
      section.complain("sha256", "a torrent brings its own digests; remove it")
    }
    if !files.isEmpty, case .torrent = origin {
    } else if !files.isEmpty {
      section.complain("files", "only a torrent's files can be chosen; remove it")
    }
  }

  private static func origin(_ section: Section, torrent: String?, urls: [String]?) -> Origin? {
    if let torrent {
      let seeds = urls ?? []
      if !seeds.allSatisfy({ $0.hasPrefix("http") }) {
        section.complain("urls", "beside a torrent they are its web seeds: http or https addresses")
      }
      return .torrent(torrent, webSeeds: seeds)
    }
    guard let urls else {
      if !section.wasGiven("urls") && !section.wasGiven("torrent") {
        section.missing("urls", "the address of the archive, as urls = [\"https://...\"], or torrent = \"...\"")
      }
      return nil
    }
    let paths = urls.compactMap(localPath)
    if paths.isEmpty { return .web(urls) }
    if paths.count == urls.count { return .local(paths) }
    section.complain("urls", "they are mirrors of one file: all on the web, or all on this machine")
    return nil
  }

  /// The id becomes a folder's name.
  private static func isSafe(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
  }

  private static func addresses(_ nodes: [TomlNode]) -> [String]? {
    let texts: [String] = nodes.compactMap {
      guard case .string(let text) = $0.value else { return nil }
      if localPath(text) != nil { return text }
      return ["http", "https"].contains(URL(string: text)?.scheme?.lowercased()) ? text : nil
    }
    return texts.count == nodes.count ? texts : nil
  }

  private static func localPath(_ text: String) -> BytePath? {
    if text.hasPrefix("/") { return BytePath(text) }
    guard text.lowercased().hasPrefix("file:"), let path = URL(string: text)?.path(percentEncoded: false),
      path.hasPrefix("/")
    else { return nil }
    return BytePath(path)
  }

  private static func torrent(_ text: String, _ folder: BytePath) -> String? {
    if text.hasPrefix("magnet:?") { return text }
    if let local = localPath(text) { return local.display }
    if ["http", "https"].contains(URL(string: text)?.scheme?.lowercased()) { return text }
    return text.hasSuffix(".torrent") && !text.contains("://") ? folder.appending(text).display : nil
  }
}

extension DownloadSettings {
  mutating func read(_ section: Section, _ folder: BytePath) {
    if let connections = section.integer("connections", 1...16) { self.connections = connections }
    if let limit = section.bytes("rate_limit", or: "unlimited") { rateLimit = limit }
    proxy = section.string("proxy")
    netrc = section.path("netrc", relativeTo: folder)
    section.finish()
  }
}

extension TorrentSettings {
  mutating func read(_ section: Section) {
    if let port = section.integer("port", 0...65535) { self.port = port }
    interface = section.string("interface")
    if let dht = section.flag("dht") { self.dht = dht }
    if let lsd = section.flag("lsd") { self.lsd = lsd }
    if let upnp = section.flag("upnp") { self.upnp = upnp }
    if let limit = section.bytes("download_limit", or: "unlimited") { downloadLimit = limit }
    if let limit = section.bytes("upload_limit", or: "unlimited") { uploadLimit = limit }
    let ratio = section.value("seed_ratio", "a number from 0 to 1000, or \"unlimited\"") { value -> Double?? in
      switch value {
      case .string("unlimited"): .some(nil)
      case .integer(let number) where (0...1000).contains(number): Double(number)
      case .number(let number) where (0...1000).contains(number): number
      default: nil
      }
    }
    if let ratio { seedRatio = ratio }
    let time = section.value("seed_time", "a time such as \"12h\" or \"7d\", or \"unlimited\"") { value -> Double?? in
      guard case .string(let text) = value else { return nil }
      return text == "unlimited" ? .some(nil) : Section.seconds(text).map { .some($0) }
    }
    if let time { seedTime = time }
    peers = section.strings("peers") ?? []
    if let allows = section.flag("allow_private_addresses") { allowsPrivateAddresses = allows }
    section.finish()
  }
}

extension StorageSettings {
  mutating func read(_ section: Section) {
    if let amount = section.bytes("reserve", or: "auto") { reserve = amount }
    section.finish()
  }
}
