internal import Control
internal import Foundation
internal import Settings
internal import Vocabulary

/// Which daemon is meant: the configuration's, unless the command line names a socket.
struct Place {
  let file: BytePath
  private let socket: BytePath?

  init(_ command: ParsedCommand) {
    let named = command.options["config"] ?? ProcessInfo.processInfo.environment["PRIMATRIX_CONFIG"]
    file = Self.absolute(named ?? "/etc/primatrix/primatrix.toml")
    socket = command.options["socket"].map(Self.absolute)
  }

  /// Whether it is the service's own configuration.
  var isUsual: Bool { file == "/etc/primatrix/primatrix.toml" }

  func settings() throws(CommandFailure) -> Settings {
    do {
      return try Settings.load(file)
    } catch {
      throw CommandFailure(.configuration, error.description)
    }
  }

  func client() throws(CommandFailure) -> ControlClient {
    if let socket { return ControlClient(socket: socket) }
    // The service's file may hold passwords, and who may not read it may hardly ask; the socket says so better.
    if isUsual && access(file.display, R_OK) != 0 && errno == EACCES {
      return ControlClient(socket: Settings().control.socket)
    }
    return ControlClient(socket: try settings().control.socket)
  }

  /// Asks the daemon.
  func ask<Answer>(
    _ question: (ControlClient) throws(ControlClient.Failure) -> Answer
  ) throws(CommandFailure) -> Answer {
    let client = try client()
    do {
      return try question(client)
    } catch {
      throw CommandFailure(error)
    }
  }

  private static func absolute(_ text: String) -> BytePath {
    let path = BytePath(text)
    return path.isAbsolute ? path : BytePath(FileManager.default.currentDirectoryPath).appending(path)
  }
}

extension CommandFailure {
  init(_ failure: ControlClient.Failure) {
    switch failure {
    case .notRunning, .ended: self.init(.unavailable, failure.description)
    case .notAllowed: self.init(.notPermitted, failure.description)
    case .refused: self.init(.unavailable, failure.description)
    case .broken: self.init(.software, failure.description)
    }
  }
}
