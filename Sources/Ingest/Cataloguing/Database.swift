internal import CSQLite
internal import Vocabulary

/// One SQLite connection, used from one thread: the catalog's.
///
/// One connection only, that both writes and checkpoints: SQLite 3.40.1 can corrupt a database whose write-ahead log is
/// reset by a second connection. `synchronous=FULL`, because what is acknowledged must survive a power cut, and no
/// memory map, because a map turns a disk error into a signal.
final class Database {
  private let handle: OpaquePointer
  private var statements: [String: OpaquePointer] = [:]

  init(path: BytePath) throws(CatalogError) {
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
    let code = path.withCString { sqlite3_open_v2($0, &opened, flags, nil) }
    guard code == SQLITE_OK, let opened else {
      let message = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close(opened)
      throw CatalogError(code: code, message: "\(path): cannot be opened: \(message)")
    }
    handle = opened
    for pragma in [
      "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "mmap_size=0", "trusted_schema=OFF",
      "cell_size_check=ON",
    ] {
      try execute("PRAGMA \(pragma)")
    }
  }

  deinit {
    for statement in statements.values { sqlite3_finalize(statement) }
    sqlite3_close(handle)
  }

  /// Runs statements that take no values and whose rows nobody wants.
  func execute(_ sql: String) throws(CatalogError) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure(sql) }
  }

  /// Runs one statement and gives each row to `body`. Statements are prepared once and kept.
  func query(_ sql: String, _ values: [Value] = [], row body: (Row) throws -> Void = { _ in }) throws {
    let statement = try prepared(sql)
    defer {
      sqlite3_reset(statement)
      sqlite3_clear_bindings(statement)
    }
    for (index, value) in values.enumerated() {
      guard bind(value, to: statement, at: Int32(index + 1)) == SQLITE_OK else { throw failure(sql) }
    }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: try body(Row(statement: statement))
      case SQLITE_DONE: return
      default: throw failure(sql)
      }
    }
  }

  /// All or nothing. An error inside rolls everything back and is thrown on.
  func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    try execute("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      try? execute("ROLLBACK")
      throw error
    }
  }

  var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(handle) }
  var changes: Int { Int(sqlite3_changes64(handle)) }

  private func prepared(_ sql: String) throws(CatalogError) -> OpaquePointer {
    if let statement = statements[sql] { return statement }
    var statement: OpaquePointer?
    guard sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil) == SQLITE_OK,
      let statement
    else { throw failure(sql) }
    statements[sql] = statement
    return statement
  }

  private func bind(_ value: Value, to statement: OpaquePointer, at index: Int32) -> Int32 {
    switch value {
    case .null: sqlite3_bind_null(statement, index)
    case .integer(let value): sqlite3_bind_int64(statement, index, value)
    case .real(let value): sqlite3_bind_double(statement, index, value)
    case .text(let value): csqlite_bind_text(statement, index, value, Int32(value.utf8.count))
    case .blob(let value):
      value.isEmpty
        ? sqlite3_bind_zeroblob(statement, index, 0) : csqlite_bind_blob(statement, index, value, Int32(value.count))
    }
  }

  private func failure(_ sql: String) -> CatalogError {
    CatalogError(
      code: sqlite3_extended_errcode(handle),
      message: "catalog: \(String(cString: sqlite3_errmsg(handle))) (in: \(sql.prefix(80)))")
  }

  enum Value {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])

    static func integer(_ value: Int) -> Value { .integer(Int64(value)) }
    static func blob(_ digest: Digest) -> Value { .blob(digest.bytes) }
    static func optional(blob: [UInt8]?) -> Value { blob.map { .blob($0) } ?? .null }
    static func optional(_ text: String?) -> Value { text.map { .text($0) } ?? .null }
  }

  /// The current row, valid during the call that hands it out.
  struct Row {
    let statement: OpaquePointer

    func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }
    func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }
    func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(statement, column)) }
    func real(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

    func text(_ column: Int32) -> String {
      sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
    }

    func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    func blob(_ column: Int32) -> [UInt8] {
      guard let start = sqlite3_column_blob(statement, column) else { return [] }
      return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
    }

    func path(_ column: Int32) -> BytePath { BytePath(bytes: blob(column)) }

    func digest(_ column: Int32) throws(CatalogError) -> Digest {
      let start = sqlite3_column_blob(statement, column)
      let bytes = UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
      guard let digest = Digest(raw: bytes) else {
        throw CatalogError(code: SQLITE_CORRUPT, message: "catalog: a digest is not 32 bytes")
      }
      return digest
    }
  }
}

/// What SQLite says went wrong; `code` is its extended result code.
package struct CatalogError: Error, CustomStringConvertible {
  package var code: Int32
  package var message: String

  package var description: String { message }
}
