internal import CLinux
internal import Foundation
internal import Subprocesses
package import Vocabulary
internal import WorkUnits

/// A running `primatrix-worker decode` and the memory shared with it. It dies with the thread that made it; `deinit` ends
/// and reaps it.
package final class DecoderProcess {
  private let layout: FrameLayout
  private let socket: MessageSocket
  private let memory: FrameMemory
  private let signaller: ChildProcess.Signaller
  package let pid: Int32
  /// What it decodes with, as in `FFmpeg 5.1.6`: told before it has seen a clip.
  package private(set) var version = ""
  private var child: ChildProcess?

  /// How long a clip may take.
  package struct Patience: Sendable {
    /// That the decoder computes: the clip is to blame.
    package var processorSeconds: Int
    /// Altogether: a decoder that has computed less waited for the file, or for a busy machine.
    package var seconds: Int

    package init(processorSeconds: Int, seconds: Int) {
      self.processorSeconds = processorSeconds
      self.seconds = seconds
    }

    package static let standard = Patience(processorSeconds: 120, seconds: 300)
  }

  /// How waiting for a clip ended.
  package enum Answer: Sendable, Equatable {
    /// With its micro clip where one was asked for and the clip has frames.
    case clip(DecodedClip, MicroClip?)
    /// The file could not be read, which says nothing of the clip. Why.
    case trouble(String)
    /// The decoder is gone. For people: how it ended.
    case lost(String)
    /// The decoder was ended while it waited, which says nothing of the clip. Why.
    case stalled(String)
    /// Somebody else ended the decoder, which says nothing of the clip.
    case killed
  }

  /// Starts it and waits until it is confined.
  ///
  /// - Throws: `WorkError(.environment)` when it cannot be started or cannot confine itself: no clip is to blame then.
  package init(executable: BytePath, layout: FrameLayout) throws {
    self.layout = layout
    do {
      let (ours, theirs) = try MessageSocket.pair()
      socket = ours
      memory = try FrameMemory(byteCount: layout.byteCount)
      let null = open("/dev/null", O_RDWR | O_CLOEXEC)
      guard null >= 0 else { throw ExchangeError.system("open /dev/null", errno) }
      defer { close(null) }
      let child = try ChildProcess(
        executable: executable, arguments: ["decode"], environment: Self.environment,
        descriptors: [
          .init(from: null, to: 0), .init(from: null, to: 1), .init(from: 2, to: 2),
          .init(from: theirs.descriptor, to: DecoderEnd.socketDescriptor),
          .init(from: memory.descriptor, to: DecoderEnd.memoryDescriptor),
        ])
      signaller = child.signaller
      pid = child.pid
      self.child = consume child
      withExtendedLifetime(theirs) {}
    } catch {
      throw WorkError(.environment, "the decoder cannot be started: \(error)")
    }
    try awaitReady()
  }

  deinit { _ = end() }

  /// Hands over a clip. Its descriptor stays the caller's, who may close it at once.
  package func send(_ request: DecodeRequest, clip: Int32) throws {
    do throws(ExchangeError) {
      try socket.send(request, passing: clip)
    } catch .closed {
      // Whoever waits for the reply hears how the decoder ended.
    }
  }

  /// The reply to the oldest request without one, which must be this.
  ///
  /// - Parameter patience: after which the decoder is ended.
  package func receive(_ request: DecodeRequest, patience: Patience) throws -> Answer {
    if let overdue = try overdue(patience) {
      _ = end()
      return overdue
    }
    do throws(ExchangeError) {
      guard let (message, _) = try socket.receive(DecoderMessage.self, acceptingDescriptor: false) else {
        return gone()
      }
      switch message {
      case .reply(request.id, let clip) where clip.isCredible(for: request):
        return .clip(clip, try micro(of: clip, request))
      case .trouble(request.id, let reason) where DecodedClip.isText(reason): return .trouble(reason)
      default: throw .malformed
      }
    } catch .malformed {
      _ = end()
      return .lost("an answer that does not add up")
    }
  }

  /// Nil once there is an answer.
  private func overdue(_ patience: Patience) throws -> Answer? {
    let start = (wall: ContinuousClock.now, processor: processorTime())
    while true {
      // One thread computes no longer than it runs, so there is nothing to see before.
      let (left, computing) = (
        .seconds(patience.seconds) - (ContinuousClock.now - start.wall),
        .seconds(patience.processorSeconds) - (processorTime() - start.processor)
      )
      if computing <= .zero {
        return .lost("no answer after \(patience.processorSeconds) s of processor time")
      }
      if left <= .zero {
        return .stalled(
          "no answer after \(patience.seconds) s, in which its decoder mostly waited: its disk or share may be in trouble"
        )
      }
      let milliseconds = (min(left, computing) / .milliseconds(1)).rounded(.up)
      if try socket.waits(milliseconds: Int32(milliseconds)) { return nil }
    }
  }

  /// That the decoder has computed so far.
  private func processorTime() -> Duration {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(pid, &clock) == 0, clock_gettime(clock, &time) == 0 else { return .zero }
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  /// Copied before it is looked at: whoever wrote it can still write there.
  private func micro(of clip: DecodedClip, _ request: DecodeRequest) throws(ExchangeError) -> MicroClip? {
    guard let format = request.micro, let count = clip.micro else { return nil }
    let room = memory.bytes[layout.microRange(slot: request.slot)]
    guard let micro = MicroClip(Array(room.prefix(count)), format: format) else { throw .malformed }
    return micro
  }

  /// Nothing in a clip ends a process by SIGKILL: somebody did, or the kernel in want of memory.
  private func gone() -> Answer {
    let end = end(patience: Self.patience)
    return end == .signalled(SIGKILL) ? .killed : .lost(end?.description ?? "no trace")
  }

  /// The frames of sampling number `index`, uint8 [frames, side, side, 3]; valid until the slot is asked for again.
  package func frames(of index: Int, slot: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: memory.bytes[layout.range(of: index, slot: slot)])
  }

  private func awaitReady() throws {
    guard try socket.waits(milliseconds: 60_000) else {
      throw WorkError(.environment, "the decoder was not ready after 60 s: is this machine overloaded?")
    }
    switch try? socket.receive(DecoderMessage.self, acceptingDescriptor: false)?.message {
    case .ready(let version)? where DecodedClip.isText(version): self.version = version
    case .refused(let reason)?: throw WorkError(.environment, "the decoder reads nothing: \(reason)")
    default:
      throw WorkError(
        .environment,
        "the decoder ended before its first clip, with \(end(patience: Self.patience)?.description ?? "no trace")")
    }
  }

  /// Ends the decoder if it has not ended by itself, reaps it, and says how it ended; nil when that was told before.
  ///
  /// - Parameter patience: milliseconds in which it may end by itself: its end of the socket closes a little earlier.
  private func end(patience: Int32 = 0) -> ChildEnd? {
    let descriptor = patience > 0 ? clinux_pidfd_open(pid) : -1
    if descriptor >= 0 {
      var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      poll(&polled, 1, patience)
      close(descriptor)
    }
    // One that has ended already keeps its own end.
    signaller.send(SIGKILL)
    return child.take()?.wait()
  }

  private static let patience: Int32 = 10_000

  /// No thread of a library's own, no locale.
  private static let environment = ["LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"]
}
