internal import Foundation
package import Vocabulary

/// The daemon's memory: clips, where they lie, their features, runs and scores. Every call is one transaction: when it
/// returns, what it changed survives a crash.
package actor Catalog {
  private let thread = CatalogThread()
  let database: Database

  package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

  /// Opens or makes the catalog, bringing an older one up to date.
  package init(path: BytePath) throws {
    let database = try Database(path: path)
    try Schema.migrate(database)
    self.database = database
  }

  static func json(_ value: some Encodable) throws -> String {
    String(decoding: try CanonicalJSON.encode(value), as: UTF8.self)
  }

  static func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
    try CanonicalJSON.decode(type, from: Data(text.utf8))
  }
}
