internal import CLinux
internal import Foundation
internal import Subprocesses
package import Vocabulary

/// Watches a folder with everything below it, on a thread of its own: by inotify, and by looking through it at the start,
/// after lost notes, and from time to time, because network shares tell nothing. Symbolic links are not followed.
package final class FolderWatcher: Sendable {
  /// What happens, in order; ends after `stop`. Not bounded, because a lost event would be a lost clip: it holds at most
  /// an event for each file of the folder that the reader has not taken yet.
  package let events: AsyncStream<WatchEvent>
  private let sink: AsyncStream<WatchEvent>.Continuation
  private let folder: BytePath
  private let options: WatchOptions
  /// Written to end the thread.
  private let bell: (reading: Int32, writing: Int32)

  package init(folder: BytePath, options: WatchOptions) {
    self.folder = folder
    self.options = options
    (events, sink) = AsyncStream.makeStream()
    var ends: [Int32] = [-1, -1]
    _ = clinux_pipe(&ends)
    bell = (ends[0], ends[1])
  }

  deinit {
    close(bell.reading)
    close(bell.writing)
  }

  /// Call once.
  package func start() {
    // The thread holds the watcher, so the bell's descriptors outlive it.
    BlockingThread.start(named: "watch") { [self] in
      var walk = FolderWalk(
        root: folder, options: options, clock: { ProcessInfo.processInfo.systemUptime },
        tell: { [sink] event in sink.yield(event) })
      walk.run(bell: bell.reading)
      sink.finish()
    }
  }

  /// Ends the thread soon, and with it `events`. May be called again.
  package func stop() { _ = write(bell.writing, [0], 1) }
}
