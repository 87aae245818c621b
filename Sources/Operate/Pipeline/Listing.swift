internal import Cataloguing
internal import Control
internal import Foundation
private import Synchronization
internal import Vocabulary

/// Answers the control socket: status from the board, lists of clips from the catalog; passes on what people ask for.
///
/// The server asks on threads of its own, which may wait; the catalog answers in the daemon's task group. Between them is
/// this queue, so that no task runs outside the group.
final class Listing: ControlService {
  private struct Question: Sendable {
    var query: ClipQuery
    var answer: Answer
  }

  private final class Answer: Sendable {
    private let ready = DispatchSemaphore(value: 0)
    private let result = Mutex<Result<[ClipListing], any Error>?>(nil)

    func give(_ value: Result<[ClipListing], any Error>) {
      result.withLock { $0 = value }
      ready.signal()
    }

    /// Waits at most ten seconds: a catalog that is busy for longer is in trouble, and says so elsewhere.
    func take() throws -> [ClipListing] {
      _ = ready.wait(timeout: .now() + 10)
      guard let value = result.withLock({ $0 }) else { throw Busy() }
      return try value.get()
    }
  }

  private struct Busy: Error, CustomStringConvertible {
    var description: String { "the catalog did not answer within ten seconds; try again" }
  }

  private let board: StatusBoard
  private let pause: PauseSwitch
  private let reloader: Reloader
  private let events: AsyncStream<Event>.Continuation
  private let questions: AsyncStream<Question>
  private let queue: AsyncStream<Question>.Continuation

  init(board: StatusBoard, pause: PauseSwitch, events: AsyncStream<Event>.Continuation, reloader: Reloader) {
    self.board = board
    self.pause = pause
    self.reloader = reloader
    self.events = events
    (questions, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(64))
  }

  /// Answers questions until the task is cancelled.
  func answer(_ catalog: Catalog) async {
    for await question in questions {
      do {
        let query = question.query
        let clips = try await catalog.list(state: query.state, after: query.after, limit: query.limit)
        question.answer.give(.success(clips))
      } catch {
        question.answer.give(.failure(error))
      }
    }
  }

  func status() -> StatusReport { board.status() }
  func newestSubmission() -> BytePath? { board.newestSubmission() }

  func ask(_ request: ControlRequest) throws {
    if request == .pause || request == .resume { try pause.set(request == .pause) }
    events.yield(.asked(request))
  }

  func reload() throws -> String { try reloader.reload() }

  func clips(_ query: ClipQuery) throws -> ClipPage {
    let answer = Answer()
    queue.yield(Question(query: query, answer: answer))
    let clips = try answer.take()
    return ClipPage(
      clips: clips.map(Self.row), next: clips.count == query.limit ? clips.last.map(\.number) : nil)
  }

  private static func row(_ clip: ClipListing) -> ClipPage.Row {
    var reason: String?
    switch clip.outcome {
    case .partial(let frames, let why): reason = "only \(frames) frames could be decoded: \(why)"
    case .unreadable(let why): reason = why
    case .decoded, nil: break
    }
    return ClipPage.Row(
      clip: clip.clip.description, path: clip.paths.first, state: clip.state, reason: reason, bytes: clip.bytes)
  }
}
