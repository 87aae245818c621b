package import Foundation

/// What a server answers, apart from sockets: a request in, an answer out. Asked on the server's threads, which may wait a
/// moment.
package protocol Routes: Sendable {
  /// What is wrong with a request as far as its head tells; nil when its body, if any, is worth reading.
  ///
  /// - Parameter announced: how many bytes of body the head promises.
  func refusal(method: String, path: String, announced: Int) -> ControlAnswer?
  /// Bytes of a request's body.
  func bodyLimit(of path: String) -> Int
  /// - Parameter query: the address's parameters.
  func answer(method: String, path: String, query: [String: String], body: Data) -> ControlAnswer
}

/// Who gets an answer.
protocol Gate: Sendable {
  /// Whether whoever is at the other end of a connected socket may ask for anything.
  func admits(_ descriptor: Int32) -> Bool
  /// Whether a request may be answered that was sent to this name, its `Host`.
  func admits(host: String?) -> Bool
  /// What the others are told.
  var refusal: ControlAnswer { get }
}
