internal import Acquisition
internal import Backbones
internal import Cataloguing
internal import Control
internal import Dashboard
internal import Durability
internal import Executors
internal import Foundation
internal import Journal
internal import Settings
internal import Subprocesses
package import Vocabulary

/// Puts the parts together and runs them until a signal says stop.
package enum Daemon {
  /// Why the daemon ended; the exit status follows sysexits.h.
  package enum End: Error, Sendable {
    /// Asked to, by SIGTERM or SIGINT.
    case stopped
    /// The configuration is wrong: the same start would fail again.
    case configuration([String])
    /// Another daemon has the state directory.
    case inUse(String)
    case failed(String)

    package var exitStatus: Int32 {
      switch self {
      case .stopped: 0
      case .configuration: 78
      case .inUse: 75
      case .failed: 70
      }
    }
  }

  /// Runs until a signal arrives. Call `Signals.take` before anything else.
  package static func run(settings file: BytePath) async -> End {
    do {
      let settings = try Settings.load(file)
      let configuration = try Configuration(settings)
      try await run(settings, configuration, from: file)
      return .stopped
    } catch let problems as SettingsProblems {
      return .configuration(problems.problems)
    } catch let end as End {
      return end
    } catch {
      return .failed("\(error)")
    }
  }

  private static func run(_ settings: Settings, _ configuration: Configuration, from file: BytePath) async throws {
    let state = configuration.state
    do {
      for folder in state.folders { try Durability.makeDirectory(folder) }
    } catch let error as DurabilityError {
      throw Self.end(error)
    }
    let lock: DirectoryLock
    do {
      lock = try DirectoryLock(state.root)
    } catch {
      throw End.inUse("\(error)")
    }
    try await work(settings, configuration, from: file, holding: lock)
  }

  /// A wrong place stays wrong; a disk in trouble may come back.
  private static func end(_ error: DurabilityError) -> End {
    switch error.code {
    case EROFS where ServiceManager.isThere:
      return .configuration([
        "\(error) (state_dir is outside of what the service may write to: systemctl edit primatrixd.service, and there "
          + "[Service] ReadWritePaths=; primatrixd(8) says more under ANOTHER DISK)"
      ])
    case EACCES, EPERM, EROFS, ENOTDIR, ELOOP, ENAMETOOLONG:
      return .configuration(["\(error) (state_dir in the configuration says where)"])
    default: return .failed("\(error) (state_dir in the configuration says where)")
    }
  }

  private static func work(
    _ settings: Settings, _ configuration: Configuration, from file: BytePath, holding lock: borrowing DirectoryLock
  ) async throws {
    let state = configuration.state
    try clean(state)
    let board = StatusBoard(state: state)
    let catalog = try Catalog(path: state.catalog)
    let executor = LocalExecutor(
      worker: try worker(), staging: state.staging, environment: configuration.workerEnvironment)
    let pause = PauseSwitch(state)
    let conductor = Conductor(
      configuration: configuration, catalog: catalog, executor: executor, board: board, isPaused: pause.isOn)
    let alarms = Alarms()
    let reloader = Reloader(
      file: file, settings: settings, torrents: configuration.torrents, events: conductor.inbox)
    let listing = Listing(
      configuration: configuration, catalog: catalog, conductor: conductor, board: board, pause: pause, alarms: alarms,
      reloader: reloader)
    let web = openWeb(settings.http, listing, board)
    defer { web?.stop() }
    let socket = settings.control.socket
    let server = try ControlServer(socket: socket, inherited: try handedOver(socket), service: listing)
    defer { server.stop() }
    Journal.record(
      .notice, "Primatrix \(Version.text) works on \(state.root), \(configuration.slots) units at once", event: .ready)
    ServiceManager.ready()
    try await Parts(
      settings: settings, configuration: configuration, catalog: catalog, executor: executor, conductor: conductor,
      board: board, listing: listing, pause: pause, alarms: alarms, reloader: reloader
    ).run()
    ServiceManager.stopping()
    if let torrents = configuration.torrents { try await BlockingThread.run(named: "torrents") { torrents.close() } }
    Journal.record(.notice, "stopped; what was under way goes on at the next start", event: .stopped)
  }

  /// The socket that systemd listens at for us; nil where it does not.
  private static func handedOver(_ socket: BytePath) throws -> Int32? {
    switch socket.withCString({ ServiceManager.socket(at: $0) }) {
    case .nothing: return nil
    case .socket(let descriptor): return descriptor
    case .somethingElse:
      throw End.configuration([
        "control.socket: systemd listens for the daemon, but not at \(socket); give ListenStream= in primatrixd.socket "
          + "that path (systemctl edit primatrixd.socket), or have the daemon listen itself (systemctl mask primatrixd.socket)"
      ])
    }
  }

  /// Pages for browsers. A port that another program has stops no work.
  private static func openWeb(_ settings: HTTPSettings, _ service: Listing, _ board: StatusBoard) -> WebServer? {
    guard let address = settings.listen else { return nil }
    do {
      let web = try WebServer(address, names: settings.names, routes: WebRoutes(service))
      board.dashboard(at: web.location)
      return web
    } catch {
      let next = "give [http] listen another port, or \"\" for no dashboard, and restart"
      board.problem("dashboard", error.description, next: next)
      Journal.record(.warning, "no dashboard: \(error) (\(next))")
      return nil
    }
  }

  /// What a crash left that nobody will ever ask for.
  private static func clean(_ state: StateDirectory) throws {
    try Durability.removeTree(state.staging)
    try Durability.makeDirectory(state.staging)
    try Durability.sweep(state.output)
    try Durability.sweep(state.absolute(state.ledgers))
  }

  /// `primatrix-worker`, installed beside this program.
  private static func worker() throws -> BytePath {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let path = BytePath(own).deletingLastComponent.appending("primatrix-worker")
    guard FileManager.default.isExecutableFile(atPath: path.display) else {
      throw End.failed("\(path) is missing; install Primatrix whole")
    }
    return path
  }
}
