package import Foundation

/// A real nginx that serves a folder on 127.0.0.1, in the foreground, killed when the value goes away.
package final class Nginx {
  package static let program = "/usr/sbin/nginx"
  package static let isInstalled = FileManager.default.isExecutableFile(atPath: program)

  private let process: Process
  package let port: UInt16
  private let log: URL

  /// - Parameters:
  ///   - folder: what is served.
  ///   - directory: for its configuration, log and temporary files.
  ///   - location: directives for every address, such as `limit_rate 1m;`.
  ///   - port: nil for any that is free.
  package init(serving folder: URL, in directory: URL, location: String = "", port wanted: UInt16? = nil) throws {
    let place = directory.appending(path: "nginx-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    port = try wanted ?? LocalPort.free()
    log = place.appending(path: "access.log")
    let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map { "\($0)_temp_path \(place.path)/\($0);" }
    let configuration = place.appending(path: "nginx.conf")
    try """
    daemon off; master_process off; pid \(place.path)/pid; error_log \(place.path)/error.log;
    events {}
    http {
      \(temporary.joined(separator: "\n"))
      log_format short '$status $body_bytes_sent "$http_range" $http_if_range';
      access_log \(log.path) short;
      server {
        listen 127.0.0.1:\(port);
        root \(folder.path);
        location / { \(location) }
      }
    }
    """.write(to: configuration, atomically: true, encoding: .utf8)
    process = Process()
    process.executableURL = URL(filePath: Self.program)
    process.arguments = ["-c", configuration.path, "-p", place.path, "-e", "\(place.path)/error.log"]
    try process.run()
    while !LocalPort.isListening(port) {
      guard process.isRunning else {
        let words = (try? String(contentsOf: place.appending(path: "error.log"), encoding: .utf8)) ?? ""
        throw Command.Failure(description: "nginx ended with \(process.terminationStatus): \(words)")
      }
      usleep(10_000)
    }
  }

  deinit {
    kill(process.processIdentifier, SIGKILL)
    process.waitUntilExit()
  }

  package func url(_ path: String) -> String { "http://127.0.0.1:\(port)/\(path)" }

  /// Status, bytes, range and If-Range of each request. A line appears when its request has ended; waits for `count`.
  package func requests(_ count: Int) throws -> [String] {
    for _ in 0..<30_000 {
      let lines = try String(contentsOf: log, encoding: .utf8).split(separator: "\n").map(String.init)
      if lines.count >= count { return lines }
      usleep(10_000)
    }
    throw Command.Failure(description: "nginx has not written \(count) lines into its log")
  }
}
