import Foundation
import Settings
import TestSupport
import Testing
import Vocabulary
import WorkUnits

struct SettingsTests {
  private func parse(_ text: String) throws(SettingsProblems) -> Settings {
    try Settings.parse(Array(text.utf8), file: "test.toml", folder: "/etc/here")
  }

  @Test func anEmptyFileIsTheDefaults() throws {
    #expect(try parse("") == Settings())
  }

  @Test func everyKeyIsRead() throws {
    let settings = try parse(
      """
      state_dir = "state"
      [[source]]
      id = "raw-1"
      urls = ["https://a.example/raw.tar", "http://b.example/raw.tar"]
      sha256 = "\(String(repeating: "aB", count: 32))"
      role = "clips"
      retention = "keep"
      [watch]
      folders = ["in box", "/abs"]
      settle = "0.5s"
      rescan = "2h"
      mode = "scan"
      [labels]
      train = "labels.csv"
      submission_format = "/format.csv"
      sidecars = false
      [features]
      backbones = ["resnet152"]
      backbone_dir = "nets"
      device = "cpu"
      precision = "bfloat16"
      workers = 3
      [ensemble]
      folds = 4
      epochs = 7
      batch = 32
      pseudo_label_epochs = 2
      stack_folds = 3
      models = ["motion-dense"]
      groups = "10m"
      learning_rate = 0.01
      seed = 1
      [schedule]
      retrain_every = "never"
      retrain_new_labels = 10
      [control]
      socket = "sock"
      [http]
      listen = "[::]:80"
      """)
    #expect(settings.stateDirectory == "/etc/here/state")
    #expect(settings.sources.map(\.id) == ["raw-1"])
    #expect(settings.sources.first?.origin == .web(["https://a.example/raw.tar", "http://b.example/raw.tar"]))
    #expect(settings.sources.first?.digest?.hex == String(repeating: "ab", count: 32))
    #expect(settings.watch.folders == ["/etc/here/in box", "/abs"])
    #expect(settings.watch.settle == 0.5)
    #expect(settings.watch.rescan == 7200)
    #expect(settings.watch.mode == .scan)
    #expect(!settings.labels.sidecars)
    #expect(settings.labels.train == "/etc/here/labels.csv")
    #expect(settings.labels.submissionFormat == "/format.csv")
    #expect(settings.features.backbones == ["resnet152"])
    #expect(settings.features.backboneDirectory == "/etc/here/nets")
    #expect(settings.features.precision == .bfloat16)
    #expect(settings.features.workers == 3)
    #expect(
      settings.ensemble.training
        == TrainSettings(folds: 4, epochs: 7, pseudoLabelEpochs: 2, stackFolds: 3, learningRate: 0.01, seed: 1))
    #expect(settings.ensemble.batch == 32 && settings.ensemble.models == ["motion-dense"])
    #expect(settings.ensemble.groups == .time(gap: 600))
    #expect(settings.schedule.retrainEvery == nil)
    #expect(settings.schedule.retrainNewLabels == 10)
    #expect(settings.control.socket == "/etc/here/sock")
  }

  @Test func sourcesOfEveryKind() throws {
    let settings = try parse(
      """
      [[source]]
      id = "a"
      torrent = "magnet:?xt=urn:btih:aa"
      urls = ["https://seed.example/"]
      files = ["*.tar", "clips/*"]
      retention = "delete-clips"
      rar = true
      [[source]]
      id = "b"
      torrent = "raw.torrent"
      [[source]]
      id = "c"
      urls = ["/disk/a.zip", "file:///disk/more%20clips"]
      [download]
      connections = 8
      rate_limit = "20MiB"
      proxy = "socks5h://localhost:1080"
      netrc = "netrc"
      [torrent]
      port = 0
      interface = "eth0"
      dht = false
      lsd = true
      upnp = true
      download_limit = "1MB"
      upload_limit = "500kB"
      seed_ratio = "unlimited"
      seed_time = "2h"
      peers = ["10.0.0.1:6881"]
      allow_private_addresses = true
      [storage]
      reserve = "1.5 GiB"
      """)
    #expect(
      settings.sources == [
        SourceSettings(
          id: "a", origin: .torrent("magnet:?xt=urn:btih:aa", webSeeds: ["https://seed.example/"]),
          files: ["*.tar", "clips/*"], retention: .deleteClips, allowsRAR: true),
        SourceSettings(id: "b", origin: .torrent("/etc/here/raw.torrent", webSeeds: [])),
        SourceSettings(id: "c", origin: .local(["/disk/a.zip", "/disk/more clips"])),
      ])
    var download = DownloadSettings()
    download.connections = 8
    download.rateLimit = 20 << 20
    download.proxy = "socks5h://localhost:1080"
    download.netrc = "/etc/here/netrc"
    #expect(settings.download == download)
    var torrent = TorrentSettings()
    torrent.port = 0
    torrent.interface = "eth0"
    torrent.dht = false
    torrent.lsd = true
    torrent.upnp = true
    torrent.downloadLimit = 1_000_000
    torrent.uploadLimit = 500_000
    torrent.seedRatio = nil
    torrent.seedTime = 7200
    torrent.peers = ["10.0.0.1:6881"]
    torrent.allowsPrivateAddresses = true
    #expect(settings.torrent == torrent)
    #expect(settings.storage.reserve == 3 << 29)
  }

  /// What is wrong, and what the complaint must say.
  static let bad: [(text: String, says: [String])] = [
    ("[ensemble]\nfold = 5", ["test.toml:2", "ensemble.fold", "did you mean folds?"]),
    ("[ensamble]\nfolds = 5", ["test.toml:1", "did you mean ensemble?"]),
    ("stat_dir = \"x\"", ["did you mean state_dir?"]),
    ("[ensemble]\nfolds = 1", ["ensemble.folds", "2 to 20", "got 1"]),
    ("[ensemble]\nfolds = \"five\"", ["got \"five\""]),
    ("[ensemble]\nstack_folds = 1", ["ensemble.stack_folds", "or 0 for no second level"]),
    ("[ensemble]\nmodels = []", ["ensemble.models", "\"auto\" or a list"]),
    ("[ensemble]\nmodels = [\"a\", \"a\"]", ["ensemble.models"]),
    ("[ensemble]\nmodels = \"all\"", ["\"auto\" or a list", "got \"all\""]),
    ("[ensemble]\ngroups = \"site\"", ["\"none\", \"folder\" or a time"]),
    ("[ensemble]\npseudo_label_epochs = -1", ["ensemble.pseudo_label_epochs"]),
    ("[ensemble]\nlearning_rate = 7", ["1e-06 to 1.0"]),
    ("[watch]\nsettle = 2", ["watch.settle", "\"90s\""]),
    ("[watch]\nsettle = \"2 weeks\"", ["watch.settle"]),
    ("[watch]\nsettle = \"nans\"", ["watch.settle"]),
    ("[watch]\nfolders = \"x\"", ["a list of strings"]),
    ("[watch]\nmode = \"inotify\"", ["watch.mode", "\"auto\" or \"scan\""]),
    ("[labels]\nsidecars = \"yes\"", ["labels.sidecars", "true or false"]),
    ("[features]\nprecision = \"fp16\"", ["\"auto\" or \"float32\" or \"bfloat16\""]),
    ("[features]\nworkers = 0", ["workers"]),
    ("[features]\nbackbones = []", ["at least one"]),
    ("[[source]]\nurls = [\"https://x/y\"]", ["id is missing"]),
    ("[[source]]\nid = \"x\"", ["urls is missing"]),
    ("[[source]]\nid = \"../x\"\nurls = [\"https://x/y\"]", ["test.toml:2", "letters, digits"]),
    ("[[source]]\nid = \"x\"\nurls = [\"ftp://x/y\"]", ["http, https or file"]),
    ("[[source]]\nid = \"x\"\nurls = [\"https://x/y\"]\nsha256 = \"12\"", ["64 hexadecimal"]),
    ("[[source]]\nid = \"x\"\nurls = [\"https://x/y\"]\n[[source]]\nid = \"x\"\nurls = [\"https://x/z\"]", ["twice"]),
    ("[[source]]\nid = \"x\"\ntorrent = \"m\"", ["torrent", "magnet link"]),
    ("[[source]]\nid = \"x\"\nurls = [\"https://x/y\", \"/z\"]", ["all on the web, or all on this machine"]),
    ("[[source]]\nid = \"x\"\ntorrent = \"/x.torrent\"\nurls = [\"/y\"]", ["web seeds"]),
    (
      "[[source]]\nid = \"x\"\ntorrent = \"/x.torrent\"\nsha256 = \"\(String(repeating: "a", count: 64))\"",
      ["a torrent brings its own"]
    ),
    ("[[source]]\nid = \"x\"\nurls = [\"https://x/y\"]\nfiles = [\"*.tar\"]", ["only a torrent's files"]),
    ("[[source]]\nid = \"x\"\nurls = [\"https://x/y\"]\nretention = \"delete\"", ["\"delete-clips\""]),
    ("[storage]\nreserve = \"5 gigabytes\"", ["storage.reserve", "\"20GiB\""]),
    ("[storage]\nreserve = 5", ["an amount such as"]),
    ("[download]\nconnections = 99", ["1 to 16"]),
    ("[torrent]\nseed_ratio = \"much\"", ["\"unlimited\""]),
    ("[torrent]\ndht = \"yes\"", ["true or false"]),
    ("[source]\nid = \"x\"", ["[[source]]"]),
    ("[cluster]\nengine = \"slurm\"", ["not in this version yet"]),
    ("[http]\nlisten = \"server:8642\"", ["http.listen", "\"127.0.0.1:8642\""]),
    ("[http]\nlisten = 8642", ["an address in numbers and a port"]),
    ("[control]\nsocket = \"/\(String(repeating: "x", count: 120))\"", ["at most 107 bytes"]),
    ("watch = 3", ["expected a table"]),
    ("[watch", ["test.toml:1"]),
  ]

  @Test(arguments: bad) func aBadValueIsNamed(text: String, says: [String]) {
    let problems = #expect(throws: SettingsProblems.self) { try parse(text) }
    for part in says {
      #expect(problems?.description.contains(part) == true, "\(problems?.description ?? "nothing") lacks \(part)")
    }
  }

  @Test func allProblemsAreToldInTheOrderOfTheirLines() {
    let problems = #expect(throws: SettingsProblems.self) {
      try parse("bogus = 1\n[ensemble]\nfolds = 0\nepochs = 0\n[watch]\nsettle = 1")
    }
    #expect(
      problems?.problems.map { $0.prefix { $0 != " " } } == [
        "test.toml:1:", "test.toml:3:", "test.toml:4:", "test.toml:6:",
      ])
  }

  @Test func aMissingFileIsNamed() {
    let problems = #expect(throws: SettingsProblems.self) { try Settings.load("/nowhere/primatrix.toml") }
    #expect(problems?.description.hasPrefix("/nowhere/primatrix.toml: cannot be read") == true)
  }

  /// The commented file is the manual: with every key uncommented it must say exactly what holds without it.
  @Test func theShippedFileShowsEveryKeyWithItsDefault() throws {
    let text = try String(contentsOf: Checkout.root.appending(path: "etc/primatrix.toml"), encoding: .utf8)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let uncommented = lines.map { $0.hasPrefix("#") && !$0.hasPrefix("# ") ? $0.dropFirst() : $0 }
    var settings = try parse(uncommented.joined(separator: "\n"))
    #expect(settings.sources.map(\.id) == ["my-archive"])
    #expect(settings.watch.folders == ["/var/lib/primatrix/inbox"])
    #expect(settings.labels.train == "/etc/primatrix/train_labels.csv")
    #expect(settings.labels.submissionFormat == "/etc/primatrix/submission_format.csv")
    #expect(settings.sources.first?.retention == .keep)
    #expect(settings.torrent.interface == "eth0")
    settings.sources = []
    settings.torrent.interface = nil
    settings.torrent.peers = []
    settings.download.proxy = nil
    settings.download.netrc = nil
    settings.watch.folders = nil
    settings.labels.train = nil
    settings.labels.submissionFormat = nil
    #expect(settings == Settings())
    #expect(try parse(text) == Settings())
  }

  /// An unknown key's complaint lists the keys of its table: each of them stands in the shipped file.
  @Test(arguments: ["", "[watch]", "[labels]", "[features]", "[ensemble]", "[schedule]", "[control]", "[http]"])
  func theShippedFileLeavesNoKeyOut(table: String) throws {
    let problems = #expect(throws: SettingsProblems.self) { try parse("\(table)\nzzzzzzzzzzzz = 1") }
    let list = try #require(problems?.problems.first?.components(separatedBy: "the keys here are ").last)
    let text = try String(contentsOf: Checkout.root.appending(path: "etc/primatrix.toml"), encoding: .utf8)
    for key in list.components(separatedBy: ", ") {
      #expect(text.contains("\n#\(key) = ") || text.contains("[\(key)]"), "\(key) is missing")
    }
  }
}
