/// The connections that are open, so that those which ask for nothing make room for those that do.
///
/// A client that sends nothing, or one byte at a time, or does not read its answer, holds a place and nothing else. When places
/// run out, the one that has been silent for longest goes. One whose words have come and are not read yet is no such client,
/// however many there are; one that is being answered goes only when half as many again are there.
package struct ConnectionTable: Sendable {
  package typealias Key = UInt

  private struct Connection: Sendable {
    var descriptor: Int32
    var isAdmitted: Bool
    /// Its request is whole, its answer not.
    var isAsking = false
    /// When it became what it is.
    var turn: Int
  }

  private let limit: Int
  private var connections: [Key: Connection] = [:]
  private var turn = 0

  package init(limit: Int) { self.limit = limit }

  package var count: Int { connections.count }

  /// - Parameters:
  ///   - isAdmitted: whether the peer may ask for anything.
  ///   - hasWords: whether bytes have come from a peer that nobody has read.
  /// - Returns: the descriptor of the connection that has to end, if one has to.
  package mutating func open(
    _ key: Key, _ descriptor: Int32, isAdmitted: Bool, hasWords: (Int32) -> Bool
  ) -> Int32? {
    let victim = connections.count >= limit ? victim(hasWords) : nil
    connections[key] = Connection(descriptor: descriptor, isAdmitted: isAdmitted, turn: next())
    return victim.flatMap { connections.removeValue(forKey: $0)?.descriptor }
  }

  private func victim(_ hasWords: (Int32) -> Bool) -> Key? {
    let inTurn = connections.sorted { $0.value.turn < $1.value.turn }
    if let silent = inTurn.first(where: { !$0.value.isAsking && !hasWords($0.value.descriptor) }) { return silent.key }
    return connections.count >= limit + limit / 2 ? inTurn.first { $0.value.isAsking }?.key : nil
  }

  /// The connection's request has arrived.
  ///
  /// - Returns: whether it may be answered.
  package mutating func ask(_ key: Key) -> Bool {
    guard var connection = connections[key] else { return false }
    connection.isAsking = true
    connection.turn = next()
    connections[key] = connection
    return connection.isAdmitted
  }

  /// The connection was answered and is silent again.
  package mutating func answered(_ key: Key) {
    let turn = next()
    connections[key]?.isAsking = false
    connections[key]?.turn = turn
  }

  package mutating func close(_ key: Key) { connections[key] = nil }

  private mutating func next() -> Int {
    turn += 1
    return turn
  }
}
