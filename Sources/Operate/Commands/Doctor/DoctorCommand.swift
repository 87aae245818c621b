internal import Backbones
internal import Control
internal import Foundation
internal import Settings
internal import Vocabulary
internal import WorkUnits

/// Looks at the machine with the eyes of the daemon that is to work on it.
struct DoctorCommand {
  private let command: ParsedCommand
  private let text = Terminal.text

  init(_ command: ParsedCommand) { self.command = command }

  private struct Report: Encodable {
    var findings: [Finding] = []
    var estimate: Estimate?
  }

  func run() throws(CommandFailure) {
    let place = Place(command)
    var report = Report()
    let settings: Settings
    do {
      settings = try place.settings()
      tell([.ok("configuration", "\(place.file)")], &report)
    } catch {
      tell([.failed("configuration", error.message, next: "correct it; all else depends on it")], &report)
      try end(report, .configuration)
      return
    }
    let client = try place.client()
    let service = SystemdService(place)
    // Asking where systemd listens for a stopped service would start it.
    let pid = service.map(\.pid) ?? client.listener()
    let status = pid == nil ? nil : try? client.status()
    machine(settings, status, pid, service, &report)
    let known =
      status.flatMap { _ in try? client.clips(ClipQuery(state: "decoded", limit: 5)) }?.clips.compactMap(\.path) ?? []
    estimate(settings, status, known, &report)
    try end(report, .unavailable)
  }

  /// Everything but the networks.
  private func machine(
    _ settings: Settings, _ status: StatusReport?, _ pid: Int32?, _ service: SystemdService?, _ report: inout Report
  ) {
    tell([Self.daemon(status, pid)], &report)
    let user = DaemonUser(service: service, running: pid)
    var check = ConfigurationCheck(service, user)
    check.labels(settings)
    tell(
      check.problems.isEmpty
        ? [.ok("labels", (check.remarks.last ?? "").replacing(#/^labels: /#, with: ""))]
        : check.problems.map { .failed("labels", $0, next: "correct the file, or [labels]") }, &report)
    tell(StorageChecks.permissions(settings, user, service), &report)
    let reaches = settings.sources.map { ($0, SourceChecks.reach($0, settings.download)) }
    let needed = reaches.reduce(Int64(0)) { $0 + StorageChecks.needed($1.0, bytes: $1.1.bytes ?? 0) }
    let folder = StorageChecks.existing(settings.stateDirectory)
    if let space = DiskSpace.of(folder) {
      tell([StorageChecks.disk(space, at: folder, reserve: settings.storage.reserve, needed: needed)], &report)
    }
    let uses = (try? BackboneCatalog.resolve(settings.features)) ?? []
    tell(
      [MachineChecks.processor(cores: ProcessInfo.processInfo.activeProcessorCount, flags: Processor.flags())]
        + MachineChecks.here(
          workers: settings.slots(uses), each: WorkerCount.bytes(uses, batch: settings.ensemble.batch)),
      &report)
    if settings.watch.mode == .auto { tell([Self.inotify(settings)], &report) }
    if settings.sources.contains(where: { if case .torrent = $0.origin { true } else { false } }) {
      let port = settings.torrent.port
      let code = SourceChecks.listen(ListenAddress(host: "0.0.0.0", port: UInt16(clamping: port)))
      tell([SourceChecks.port(port, code: code, daemonRuns: pid != nil)], &report)
    }
    if let address = settings.http.listen {
      let code = SourceChecks.listen(address)
      tell([SourceChecks.dashboard(address, code: code, daemonRuns: pid != nil)], &report)
    }
    tell(reaches.map(\.1.finding), &report)
  }

  private func estimate(
    _ settings: Settings, _ status: StatusReport?, _ known: [BytePath], _ report: inout Report
  ) {
    let checks = NetworkChecks(settings)
    tell(checks.findings, &report)
    guard checks.networks.count == settings.features.backbones.count else { return }
    let here = FolderSurvey(Self.watched(settings) + settings.sources.flatMap(\.localPaths))
    let left =
      status.map(Estimate.clipsLeft) ?? (settings.sources.allSatisfy(\.isLocal) && here.clips > 0 ? here.clips : nil)
    let uses = (try? BackboneCatalog.resolve(settings.features)) ?? []
    let estimate = Estimate(
      clips: left, workers: settings.slots(uses), networks: checks.networks,
      decodingSeconds: NetworkChecks.decodingSeconds(known + here.samples))
    report.estimate = estimate
    if !command.has("json") { for line in text.wrapped(estimate.text) { print(line) } }
  }

  private func tell(_ findings: [Finding], _ report: inout Report) {
    report.findings += findings
    if command.has("json") { return }
    for finding in findings { for line in text.finding(finding) { print(line) } }
  }

  private func end(_ report: Report, _ status: ExitStatus) throws(CommandFailure) {
    if command.has("json") { print(ControlJSON.line(report)) }
    let failed = report.findings.count { $0.verdict == .failed }
    if failed > 0 { throw CommandFailure(status, "\(Words.count(failed, "check")) failed") }
  }

  // MARK: parts

  private static func daemon(_ status: StatusReport?, _ pid: Int32?) -> Finding {
    if let status { return .ok("daemon", "process \(status.pid) answers: \(status.headline)") }
    if let pid {
      return .warning("daemon", "process \(pid) does not answer you", next: "ask as root or as a member of its group")
    }
    return .ok("daemon", "does not run; `primatrixctl start` starts it")
  }

  private static func watched(_ settings: Settings) -> [BytePath] {
    settings.watch.folders ?? [settings.stateDirectory.appending("inbox")]
  }

  private static func inotify(_ settings: Settings) -> Finding {
    let watched = watched(settings)
    func limit(_ name: String) -> Int {
      let text = try? String(contentsOfFile: "/proc/sys/fs/inotify/\(name)", encoding: .utf8)
      return text.flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) } ?? 0
    }
    return MachineChecks.inotify(
      watches: limit("max_user_watches"), instances: limit("max_user_instances"),
      folders: FolderSurvey(watched).folders, watched: watched.count)
  }
}

extension SourceSettings {
  fileprivate var localPaths: [BytePath] { if case .local(let paths) = origin { paths } else { [] } }
  fileprivate var isLocal: Bool { !localPaths.isEmpty }
}
