import Commands
import Control
import Foundation
import Settings
import Testing
import Vocabulary

/// What the machine says, and what `doctor` makes of it.
struct DoctorTests {
  @Test(
    arguments: [
      (4, ["avx2", "fma", "avx512f", "avx512_bf16"], .ok, "4 cores, AVX2, AVX-512, bfloat16"),
      (1, ["avx2", "fma"], .ok, "1 core, AVX2"), (2, ["sse2"], .warning, "2 cores, without AVX2"),
    ] as [(Int, Set<String>, Finding.Verdict, String)])
  func processor(cores: Int, flags: Set<String>, verdict: Finding.Verdict, message: String) {
    let finding = MachineChecks.processor(cores: cores, flags: flags)
    #expect(finding.verdict == verdict && finding.message == message)
  }

  @Test(
    arguments: [
      (16, 8, 4, 1, .ok, nil), (16, 8, 12, 1, .ok, nil), (16, 8, 13, 1, .warning, "12"),
      (2, 1, 1, 3, .failed, "does not fit"),
      (16, 1, 1, 2, .warning, "swap"),
    ] as [(Int64, Int64, Int, Int64, Finding.Verdict, String?)])
  func memory(total: Int64, available: Int64, workers: Int, each: Int64, verdict: Finding.Verdict, next: String?) {
    let finding = MachineChecks.memory(
      total: total << 30, available: available << 30, workers: workers, each: each << 30)
    #expect(finding.verdict == verdict)
    #expect(finding.next?.contains(next ?? "") ?? (next == nil))
  }

  @Test func memoryIsReadFromTheKernel() {
    let info = MachineChecks.meminfo(
      "MemTotal:       16384 kB\nMemAvailable:    512 kB\nHugePages_Total:   0\nbroken\n")
    #expect(info == ["MemTotal": 16384 << 10, "MemAvailable": 512 << 10])
  }

  @Test(
    arguments: [(7, true, .ok), (0, true, .warning), (7, false, .failed), (0, false, .failed)]
      as [(Int, Bool, Finding.Verdict)])
  func sandbox(landlock: Int, canKill: Bool, verdict: Finding.Verdict) {
    #expect(MachineChecks.sandbox(landlock: landlock, canKill: canKill).verdict == verdict)
  }

  @Test(
    arguments: [
      ("127.0.0.1:8642", 0, false, .ok, "127.0.0.1:8642 is free for it"),
      ("127.0.0.1:8642", EADDRINUSE, false, .warning, "127.0.0.1:8642: Address already in use"),
      ("127.0.0.1:8642", EADDRINUSE, true, .ok, "127.0.0.1:8642 is in use, by the daemon that runs or another program"),
      ("127.0.0.1:8642", EADDRNOTAVAIL, true, .warning, "127.0.0.1:8642: Cannot assign requested address"),
      ("[::1]:80", 0, false, .warning, "[::1]:80: the service may not listen below 1024"),
      (
        "0.0.0.0:8642", 0, false, .warning,
        "0.0.0.0:8642 is free for it; whoever reaches it sees names of clips and all else"
      ),
    ] as [(String, Int32, Bool, Finding.Verdict, String)])
  func dashboard(listen: String, code: Int32, daemonRuns: Bool, verdict: Finding.Verdict, message: String) throws {
    let finding = SourceChecks.dashboard(try #require(ListenAddress(listen)), code: code, daemonRuns: daemonRuns)
    #expect(finding.verdict == verdict && finding.message == message)
  }

  @Test(
    arguments: [
      (1000, 128, 750, 1, .ok, ""), (1000, 128, 751, 1, .warning, "max_user_watches=65536"),
      (1000, 128, 100_000, 1, .warning, "max_user_watches=400000"), (1000, 8, 10, 5, .warning, "max_user_instances=20"),
    ] as [(Int, Int, Int, Int, Finding.Verdict, String)])
  func inotify(watches: Int, instances: Int, folders: Int, watched: Int, verdict: Finding.Verdict, next: String) {
    let finding = MachineChecks.inotify(watches: watches, instances: instances, folders: folders, watched: watched)
    #expect(finding.verdict == verdict && (finding.next ?? "").hasSuffix(next) || (finding.next ?? "").contains(next))
  }

  @Test(
    arguments: [
      (1_795_527_782, true, .ok), (1_795_527_782, nil, .ok), (1_795_527_782, false, .warning), (0, true, .failed),
      (1_767_225_599, true, .failed), (4_102_444_800, true, .failed),
    ] as [(Double, Bool?, Finding.Verdict)])
  func clock(seconds: Double, isSynchronised: Bool?, verdict: Finding.Verdict) {
    let now = Date(timeIntervalSince1970: seconds)
    #expect(MachineChecks.clock(now: now, isSynchronised: isSynchronised).verdict == verdict)
  }

  // Sizes in GiB.
  @Test(
    arguments: [
      (100, 400, nil, 0, .ok), (100, 400, nil, 80, .ok), (100, 400, nil, 81, .warning), (19, 400, nil, 0, .failed),
      (4, 40, nil, 0, .ok), (1, 40, nil, 0, .failed), (100, 400, 101, 0, .failed), (100, 400, 0, 100, .ok),
    ] as [(Int64, Int64, Int64?, Int64, Finding.Verdict)])
  func disk(free: Int64, size: Int64, reserve: Int64?, needed: Int64, verdict: Finding.Verdict) {
    let space = DiskSpace(free: free << 30, size: size << 30)
    let finding = StorageChecks.disk(space, at: "/state", reserve: reserve.map { $0 << 30 }, needed: needed << 30)
    #expect(finding.verdict == verdict, "\(finding)")
  }

  @Test(
    arguments: [
      (.web(["https://a"]), .keep, 200), (.web(["https://a"]), .deleteArchive, 100),
      (.web(["https://a"]), .deleteClips, 0),
      (.local(["/a.zip"]), .keep, 100), (.local(["/a.zip"]), .deleteClips, 0),
      (.torrent("a.torrent", webSeeds: []), .keep, 200),
    ] as [(SourceSettings.Origin, Retention, Int64)])
  func whatASourceTakes(origin: SourceSettings.Origin, retention: Retention, bytes: Int64) {
    #expect(StorageChecks.needed(SourceSettings(id: "a", origin: origin, retention: retention), bytes: 100) == bytes)
  }

  @Test(
    arguments: [
      ([.file(bytes: 5)], .ok, 5), ([.file(bytes: nil)], .ok, nil), ([.file(bytes: 5), .file(bytes: 5)], .ok, 5),
      ([.file(bytes: 5), .file(bytes: 6)], .failed, nil), ([.file(bytes: 5), .refused(404)], .warning, 5),
      ([.refused(404)], .failed, nil), ([.unreachable("no route"), .refused(500)], .failed, nil),
      ([.refused(405)], .warning, nil), ([.refused(403), .file(bytes: 5)], .ok, 5),
    ] as [([WebProbe.Answer], Finding.Verdict, Int64?)])
  func mirrors(answers: [WebProbe.Answer], verdict: Finding.Verdict, bytes: Int64?) {
    let reach = SourceChecks.web("raw", answers.enumerated().map { ("https://\($0)", $1) })
    #expect(reach.finding.verdict == verdict && reach.bytes == bytes, "\(reach)")
  }

  @Test(
    arguments: [
      (6881, 0, false, .ok), (0, 0, false, .ok), (6881, EADDRINUSE, true, .ok), (6881, EADDRINUSE, false, .failed),
      (80, EACCES, false, .failed),
    ] as [(Int, Int32, Bool, Finding.Verdict)])
  func port(port: Int, code: Int32, daemonRuns: Bool, verdict: Finding.Verdict) {
    #expect(SourceChecks.port(port, code: code, daemonRuns: daemonRuns).verdict == verdict)
  }

  @Test(
    arguments: [
      (.read, 500, 600, 0o400, true), (.read, 500, 600, 0o040, false), (.read, 1, 600, 0o040, true),
      (.read, 1, 1, 0o004, true), (.read, 1, 1, 0o440, false), ([.read, .write, .search], 500, 1, 0o700, true),
      ([.read, .write, .search], 500, 1, 0o500, false), ([.read, .search], 1, 600, 0o750, true),
    ] as [(DaemonUser.Wish, UInt32, UInt32, UInt32, Bool)])
  func access(wish: DaemonUser.Wish, owner: UInt32, group: UInt32, mode: UInt32, isAllowed: Bool) {
    let user = DaemonUser(name: "primatrix", user: 500, groups: [600, 601])
    #expect(user.may(wish, owner: owner, group: group, mode: mode) == isAllowed)
    #expect(DaemonUser(name: "root", user: 0, groups: []).may(wish, owner: owner, group: group, mode: mode))
  }

  // MARK: the estimate

  private func status(pending: Int, _ sources: [SourceStatus]) -> StatusReport {
    var status = StatusTextTests.quiet
    status.clips.pending = pending
    status.sources = sources
    return status
  }

  @Test func clipsThatAreStillToComeAreReckoned() {
    let complete = SourceStatus(id: "a", state: "complete", bytes: 5, totalBytes: 5)
    let half = SourceStatus(id: "b", state: "downloading", bytes: 50, totalBytes: 150, members: 20)
    let unknown = SourceStatus(id: "c", state: "downloading", bytes: 50, totalBytes: nil, members: 20)
    #expect(Estimate.clipsLeft(status(pending: 7, [])) == 7)
    #expect(Estimate.clipsLeft(status(pending: 7, [complete, half])) == 47)
    #expect(Estimate.clipsLeft(status(pending: 7, [half, unknown])) == nil)
  }

  @Test func theEstimateIsTheSumOverTheWorkers() {
    let networks = [Estimate.Network(backbone: "a", seconds: 2), Estimate.Network(backbone: "b", seconds: 0.5)]
    let known = Estimate(clips: 360, workers: 2, networks: networks, decodingSeconds: 1.5)
    #expect(known.seconds == 720)
    #expect(
      known.text
        == "features of the 360 clips that are left: about 12 min with 2 workers (a clip: decoding 1.50 s, a 2.00 s, b 0.50 s)"
    )
    let unknown = Estimate(clips: nil, workers: 1, networks: networks, decodingSeconds: nil)
    #expect(
      unknown.seconds == 2500
        && unknown.text.hasPrefix("features of each 1000 clips: about 42 min with 1 worker (a clip: a"))
    #expect(unknown.text.contains("no clip is here to measure it"))
  }
}
