/// The catalog's tables, migration by migration: never edit one that was released, add the next.
///
/// The catalog holds what must be looked up fast or cannot be recomputed cheaply; files on disk are the truth for
/// features, runs and scores, and fill it again where it is missing.
enum Schema {
  static let migrations = [
    """
    CREATE TABLE clip (
      number     INTEGER PRIMARY KEY,
      digest     BLOB NOT NULL UNIQUE,
      bytes      INTEGER NOT NULL,
      outcome    TEXT,                      -- NULL until decoded; then JSON of ClipOutcome
      state      TEXT NOT NULL DEFAULT 'pending',   -- pending | decoded | partial | unreadable
      facts      TEXT,                      -- JSON of ClipFacts
      pending    INTEGER NOT NULL DEFAULT 1 -- 1 while features of a configured backbone are missing
    );
    CREATE INDEX clip_pending ON clip(number) WHERE pending = 1;
    CREATE INDEX clip_state ON clip(state, number);

    CREATE TABLE location (
      root       BLOB NOT NULL,             -- absolute folder: a watched folder, or a source's unpacked files
      path       BLOB NOT NULL,             -- relative to it
      clip       INTEGER NOT NULL REFERENCES clip(number),
      bytes      INTEGER NOT NULL,
      modified   INTEGER NOT NULL,          -- nanoseconds since 1970
      PRIMARY KEY (root, path)
    ) WITHOUT ROWID;
    CREATE INDEX location_clip ON location(clip);

    CREATE TABLE shard (
      number      INTEGER PRIMARY KEY,
      path        BLOB NOT NULL UNIQUE,     -- relative to the state directory
      fingerprint BLOB NOT NULL
    );
    CREATE TABLE feature (
      clip        INTEGER NOT NULL REFERENCES clip(number),
      fingerprint BLOB NOT NULL,
      shard       INTEGER NOT NULL REFERENCES shard(number) ON DELETE CASCADE,
      PRIMARY KEY (clip, fingerprint)
    ) WITHOUT ROWID;
    CREATE INDEX feature_shard ON feature(shard);
    CREATE TABLE ledger (name TEXT PRIMARY KEY) WITHOUT ROWID;

    CREATE TABLE source (id TEXT PRIMARY KEY, progress TEXT NOT NULL) WITHOUT ROWID;

    CREATE TABLE fold (clip INTEGER PRIMARY KEY REFERENCES clip(number), fold INTEGER NOT NULL);

    CREATE TABLE run (
      number     INTEGER PRIMARY KEY,
      key        BLOB NOT NULL UNIQUE,
      record     TEXT NOT NULL              -- JSON of RunRecord
    );
    CREATE TABLE score (
      clip          INTEGER NOT NULL REFERENCES clip(number),
      run           BLOB NOT NULL,
      probabilities BLOB NOT NULL,          -- float32 little-endian, one a class
      PRIMARY KEY (run, clip)
    ) WITHOUT ROWID;
    """,
    """
    -- Which version of which archive brought a file: a digest; NULL for watched folders.
    ALTER TABLE location ADD COLUMN origin BLOB;
    -- 1 until the archive is known to be what its publisher made.
    ALTER TABLE location ADD COLUMN provisional INTEGER NOT NULL DEFAULT 0;
    -- 0 once retention has removed the file: it has arrived all the same.
    ALTER TABLE location ADD COLUMN present INTEGER NOT NULL DEFAULT 1;
    CREATE INDEX location_origin ON location(root, origin);
    CREATE INDEX location_present ON location(root, path) WHERE present = 1;
    """,
    """
    ALTER TABLE clip ADD COLUMN micro TEXT;               -- JSON of MicroFacts
    -- Seconds since 1970 when no file of the clip was found any more; NULL while there is one.
    ALTER TABLE clip ADD COLUMN orphaned INTEGER;
    -- Only ledgers have the facts of micro clips that were made before: they are taken in once more.
    DELETE FROM ledger;
    """,
    """
    -- 1 where a file is the micro clip of the clip whose file has the same name.
    ALTER TABLE location ADD COLUMN holds_micro INTEGER NOT NULL DEFAULT 0;
    -- The path's last component.
    ALTER TABLE location ADD COLUMN name BLOB;
    UPDATE location SET name = CAST(
      substr(CAST(path AS TEXT), length(rtrim(CAST(path AS TEXT), replace(CAST(path AS TEXT), '/', ''))) + 1) AS BLOB);
    CREATE INDEX location_micro ON location(name) WHERE holds_micro = 1;
    -- 1 where every file of it is a micro clip: it wants to be looked at, and neither features nor scores.
    ALTER TABLE clip ADD COLUMN is_micro INTEGER NOT NULL DEFAULT 0;
    """,
    """
    -- How often in a row the file could not be read as its clip, and why the last time.
    ALTER TABLE location ADD COLUMN skips INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE location ADD COLUMN fault TEXT;
    -- Seconds since 1970 before which it is not read again; the largest integer: not by itself. NULL: at once.
    ALTER TABLE location ADD COLUMN rests INTEGER;
    CREATE INDEX location_rests ON location(rests) WHERE rests IS NOT NULL;
    """,
    """
    -- Folders of shards that no configured backbone wants.
    CREATE TABLE unwanted (
      folder BLOB PRIMARY KEY,              -- relative to the state directory
      since  INTEGER NOT NULL               -- seconds since 1970
    ) WITHOUT ROWID;
    """,
  ]

  static func migrate(_ database: Database) throws {
    var version = 0
    try database.query("PRAGMA user_version") { version = $0.int(0) }
    guard version <= migrations.count else {
      throw CatalogError(
        code: 0,
        message:
          "catalog: it was written by a newer Primatrix (schema \(version), this one knows \(migrations.count)). "
          + "Install that version again, or move catalog.sqlite away to have it rebuilt.")
    }
    for (index, migration) in migrations.enumerated().dropFirst(version) {
      try database.transaction {
        try database.execute(migration)
        try database.execute("PRAGMA user_version = \(index + 1)")
      }
    }
  }
}
