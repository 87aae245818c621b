// swift-tools-version: 6.1
//
// The target graph is the architecture: folders say where in the flow a module is, a stage depends on `Base` modules
// only, and `Pipeline` alone knows the order of the stages. `TargetGraphTests` fails on any other edge.

import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// OpenVINO comes from its wheel, unpacked by `scripts/setup`; its headers and libraries are in no system directory.
let openVINO = Context.packageDirectory + "/.deps/openvino/openvino"
let openVINOSwift: [SwiftSetting] = [.unsafeFlags(["-Xcc", "-I\(openVINO)/include"])]
let openVINOLinker: [LinkerSetting] = [
  .unsafeFlags(["-L\(openVINO)/libs", "-Xlinker", "-rpath", "-Xlinker", "\(openVINO)/libs"])
]

/// What Debian's libtorrent was built with; its headers declare other classes without.
let libtorrentABI: [CXXSetting] = [
  "TORRENT_LINKING_SHARED", "TORRENT_USE_OPENSSL", "TORRENT_USE_LIBCRYPTO", "TORRENT_SSL_PEERS", "OPENSSL_NO_SSL2",
  "BOOST_ASIO_ENABLE_CANCELIO", "BOOST_ASIO_NO_DEPRECATED", "BOOST_ALL_NO_LIB",
].map { .define($0) }

/// A Swift module of one layer: `Sources/<layer>/<name>`.
func module(
  _ layer: String, _ name: String, needs: [String] = [], swift: [SwiftSetting] = [], linker: [LinkerSetting] = []
) -> Target {
  .target(
    name: name, dependencies: needs.map { .byName(name: $0) }, path: "Sources/\(layer)/\(name)",
    swiftSettings: swiftSettings + swift, linkerSettings: linker)
}

/// A library of the system: a module map and a header that includes it (`Sources/C/<name>`).
func system(_ name: String, pkgConfig: String? = nil) -> Target {
  .systemLibrary(name: name, path: "Sources/C/\(name)", pkgConfig: pkgConfig)
}

func tool(_ name: String, needs: [String]) -> Target {
  .executableTarget(
    name: name, dependencies: needs.map { .byName(name: $0) }, path: "Sources/Tools/\(name)",
    swiftSettings: swiftSettings)
}

/// The tests of one module: `Tests/<name>Tests`.
func tests(_ name: String, needs: [String] = [], swift: [SwiftSetting] = []) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: ([name, "TestSupport"] + needs).map { .byName(name: $0) },
    path: "Tests/\(name)Tests", swiftSettings: swiftSettings + swift)
}

/// Tests of the programs as people run them.
func whole(_ name: String) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: ["TestSupport", "Vocabulary", "primatrixd", "primatrixctl", "primatrix-worker"].map {
      .byName(name: $0)
    },
    path: "Tests/\(name)Tests", swiftSettings: swiftSettings)
}

let libraries: [Target] = [
  system("CSQLite", pkgConfig: "sqlite3"),
  system("CCurl", pkgConfig: "libcurl"),
  system("CArchive", pkgConfig: "libarchive"),
  system("CZlib", pkgConfig: "zlib"),
  system("CDeflate", pkgConfig: "libdeflate"),
  system("CFFmpeg", pkgConfig: "libavformat"),
  system("COpenVINO"),
  system("COpenBLAS"),
  system("CSystemd", pkgConfig: "libsystemd"),
  system("CCrypto", pkgConfig: "libcrypto"),
  system("CMicrohttpd", pkgConfig: "libmicrohttpd"),
  system("CSeccomp", pkgConfig: "libseccomp"),
  .target(name: "CLinux", path: "Sources/C/CLinux", cSettings: [.define("_GNU_SOURCE")]),
  .target(name: "CToml", path: "Sources/C/CToml"),
  .target(name: "CVectors", path: "Sources/C/CVectors"),
  .target(
    name: "CTorrent", path: "Sources/C/CTorrent", cxxSettings: libtorrentABI,
    linkerSettings: [.linkedLibrary("torrent-rasterbar")]),
]

let base: [Target] = [
  module("Base", "Vocabulary", needs: ["CCrypto"]),
  module("Base", "WorkUnits", needs: ["Vocabulary"]),
  module("Base", "Durability", needs: ["Vocabulary", "CLinux"]),
  module("Base", "Journal", needs: ["CSystemd"]),
  module("Base", "Toml", needs: ["CToml"]),
  module("Base", "Settings", needs: ["Vocabulary", "WorkUnits", "Toml", "CLinux"]),
  module("Base", "Subprocesses", needs: ["Vocabulary", "CLinux"]),
  module("Base", "Confinement", needs: ["CLinux", "CSeccomp"]),
  module("Base", "TensorFiles", needs: ["Vocabulary"]),
  module("Base", "Numerics", needs: ["Vocabulary", "COpenBLAS", "CVectors"]),
  module("Base", "Tables", needs: ["Vocabulary"]),
  module("Base", "Pages", needs: ["Vocabulary"]),
]

let ingest: [Target] = [
  module("Ingest", "Acquisition", needs: ["Vocabulary", "Durability", "Subprocesses", "CCurl", "CCrypto", "CTorrent"]),
  module(
    "Ingest", "Unpacking",
    needs: ["Vocabulary", "WorkUnits", "Subprocesses", "Confinement", "CArchive", "CZlib", "CDeflate"]),
  module("Ingest", "Watching", needs: ["Vocabulary", "Subprocesses", "CLinux"]),
  module("Ingest", "Labelling", needs: ["Vocabulary", "Tables"]),
  module("Ingest", "Cataloguing", needs: ["Vocabulary", "WorkUnits", "CSQLite"]),
]

let perceive: [Target] = [
  module("Perceive", "FrameExchange", needs: ["Vocabulary", "WorkUnits", "Subprocesses", "CLinux"]),
  module("Perceive", "Decoding", needs: ["Vocabulary", "WorkUnits", "FrameExchange", "Confinement", "CFFmpeg"]),
  module("Perceive", "Backbones", needs: ["Vocabulary", "WorkUnits", "Toml", "Settings", "FrameExchange"]),
  module("Perceive", "Inference", needs: ["Vocabulary", "COpenVINO"], swift: openVINOSwift, linker: openVINOLinker),
  module(
    "Perceive", "FeatureExtraction",
    needs: ["Vocabulary", "WorkUnits", "TensorFiles", "FrameExchange", "Backbones", "Inference"],
    swift: openVINOSwift),
]

let learn: [Target] = [
  module("Learn", "Folding", needs: ["Vocabulary"]),
  module("Learn", "Metadata", needs: ["Vocabulary", "WorkUnits"]),
  module("Learn", "Scoring", needs: ["Vocabulary", "WorkUnits"]),
  module("Learn", "Networks", needs: ["Vocabulary", "Numerics", "TensorFiles"]),
  module(
    "Learn", "Ensemble",
    needs: [
      "Vocabulary", "WorkUnits", "TensorFiles", "Durability", "Subprocesses", "Numerics", "Networks", "Scoring",
    ]),
]

let publish: [Target] = [
  module("Publish", "Submitting", needs: ["Vocabulary", "Tables", "Durability"]),
  module("Publish", "Reporting", needs: ["Vocabulary", "WorkUnits", "Pages"]),
]

let operate: [Target] = [
  module("Operate", "Executors", needs: ["Vocabulary", "WorkUnits", "Durability", "Subprocesses", "CLinux"]),
  module("Operate", "Control", needs: ["Vocabulary", "CMicrohttpd", "CCurl", "CLinux"]),
  module("Operate", "Dashboard", needs: ["Vocabulary", "Pages", "Control"]),
  module(
    "Operate", "Pipeline",
    needs: [
      "Vocabulary", "WorkUnits", "Durability", "Journal", "Settings", "TensorFiles", "Tables", "Acquisition",
      "Watching",
      "Labelling", "Cataloguing", "Backbones", "Folding", "Metadata", "Submitting", "Reporting", "Executors", "Control",
      "Dashboard", "Subprocesses", "CLinux",
    ]),
  module(
    "Operate", "Commands",
    needs: [
      "Vocabulary", "WorkUnits", "Durability", "Settings", "Watching", "Labelling", "Backbones", "Control",
      "Subprocesses", "CLinux",
    ]),
]

let tools: [Target] = [
  tool("primatrixd", needs: ["Vocabulary", "Journal", "Settings", "Pipeline"]),
  tool("primatrixctl", needs: ["Commands"]),
  tool(
    "primatrix-worker", needs: ["Vocabulary", "WorkUnits", "Unpacking", "Decoding", "FeatureExtraction", "Ensemble"]),
]

let testing: [Target] = [
  .target(
    name: "TestSupport", dependencies: ["Vocabulary", "Subprocesses"], path: "Tests/TestSupport",
    swiftSettings: swiftSettings),
  tests("Vocabulary"),
  tests("Durability"),
  .executableTarget(
    name: "JournalProbe", dependencies: ["Journal"], path: "Tests/JournalProbe", swiftSettings: swiftSettings),
  tests("Journal", needs: ["JournalProbe"]),
  tests("Toml"),
  tests("Settings", needs: ["WorkUnits"]),
  tests("Subprocesses"),
  .executableTarget(
    name: "ConfinementProbe", dependencies: ["Confinement"], path: "Tests/ConfinementProbe",
    swiftSettings: swiftSettings),
  tests("Confinement", needs: ["ConfinementProbe"]),
  tests("TensorFiles"),
  tests("Numerics"),
  tests("Tables"),
  .executableTarget(
    name: "FetchProbe", dependencies: ["Acquisition", "Vocabulary"], path: "Tests/FetchProbe",
    swiftSettings: swiftSettings),
  .executableTarget(
    name: "TorrentProbe", dependencies: ["Acquisition", "Vocabulary"], path: "Tests/TorrentProbe",
    swiftSettings: swiftSettings),
  tests("Acquisition", needs: ["Subprocesses", "FetchProbe", "TorrentProbe"]),
  tests("Unpacking", needs: ["WorkUnits", "Subprocesses", "CArchive"]),
  tests("Watching", needs: ["CLinux"]),
  tests("Labelling"),
  tests("Cataloguing", needs: ["WorkUnits"]),
  tests("FrameExchange", needs: ["WorkUnits", "primatrix-worker"]),
  tests("Decoding", needs: ["WorkUnits", "FrameExchange"]),
  tests("Backbones", needs: ["WorkUnits"]),
  tests("Inference", needs: ["WorkUnits", "Backbones", "TensorFiles"], swift: openVINOSwift),
  tests(
    "FeatureExtraction", needs: ["WorkUnits", "TensorFiles", "Inference", "FrameExchange"], swift: openVINOSwift),
  tests("Folding"),
  tests("Metadata", needs: ["WorkUnits"]),
  tests("Scoring", needs: ["WorkUnits"]),
  .executableTarget(
    name: "LearnProbe", dependencies: ["Networks", "Numerics", "TensorFiles", "Vocabulary", "WorkUnits"],
    path: "Tests/LearnProbe",
    swiftSettings: swiftSettings),
  tests("Networks", needs: ["Numerics", "TensorFiles"]),
  tests("Ensemble", needs: ["WorkUnits", "TensorFiles", "primatrix-worker"]),
  tests("Submitting"),
  tests("Reporting", needs: ["WorkUnits", "Scoring", "Pages"]),
  tests("Control", needs: ["Dashboard"]),
  tests("Dashboard", needs: ["Control"]),
  tests("Commands", needs: ["WorkUnits", "Settings", "Backbones", "Control"]),
  tests("Executors", needs: ["WorkUnits"]),
  tests(
    "Pipeline",
    needs: [
      "Vocabulary", "WorkUnits", "Settings", "Durability", "TensorFiles", "Acquisition", "Watching", "Cataloguing",
      "Executors", "Folding",
    ]),
  whole("Architecture"),
  whole("Integration"),
]

let package = Package(
  name: "primatrix", targets: libraries + base + ingest + perceive + learn + publish + operate + tools + testing,
  cxxLanguageStandard: .cxx17)
