/// What somebody may want to be told of. In the journal each is a record's MESSAGE_ID, by which it is found whatever its
/// words are; `systemd/primatrix.catalog` explains each and says what to do. The numbers were drawn once and stay: people's
/// alerts name them.
package enum JournalEvent: String, CaseIterable, Sendable {
  // The daemon.
  case ready = "694c4a01ee784f49bf59e46aa083e600"
  case stopped = "594a1a1727874278bfba8de86ab97790"
  case failed = "335dd8b9708d4fe09f6fbdadc810b598"
  case configurationRefused = "5c3300e2cbb845ec9f6058429440dbc0"
  case configurationReloaded = "79d8e32b04c94ec690ca31efc7fcba9c"
  case asked = "2288acc04c204800864cd8d7811b3742"

  // What comes in.
  case sourceComplete = "ebae968570f9450686329c3ad2759965"
  case sourceFailed = "b4cda992752b470499b1c02726a940d4"
  case spaceLow = "c4be1f9afe9d40a9862dd5430692c29b"
  case spaceFree = "953d58c7feb348a397405e465bcaaffe"
  case archiveFetchedAnew = "9af72d83cd9e492a87d91586636b2bcd"
  case archiveCutShort = "5aeb466575cc4c79821e0af2f4ddd399"
  case memberLeftOut = "8858f56a5fc54bcd988db0f97d486923"
  case folderTrouble = "c729f13077814d658061f1e79de79fc9"
  case folderAway = "e0e58bb156344d62b008a9c03938a563"
  case labelsRefused = "255616bc78d24b5d8ddf209601b7f728"
  case labelRowsRefused = "f29a9805c3b64622a2383328b73f2385"

  // What is made of it.
  case clipSetAside = "3247a4d637214253875b3f2e379c2cf1"
  case unitFailed = "d981b03aa708415da8f186a7c33c328f"
  case workerCrashed = "0f94a9c2f20d453fba902de24804c919"
  case workerKilled = "c08c29b4714f435c94df978be14da228"
  case memoryLow = "b2c2ebc0317f42cc8410d8c6d4242402"
  case memoryFree = "ddf54fc4cbc1497a97fdd59cd09e48d2"
  case stageBackingOff = "ee5b8f58e8bd48c6a20a1ff5cc4db276"
  case featuresLost = "245bc71a32ec4c8d878be50ef2290d62"
  case foldsDamaged = "0743c1db1abe4c6997a3058029efa343"
  case runFinished = "7fcb8cca848d4c5cbcdf604f46d51a5e"
  case submissionPublished = "6e9aff898a6c491dbe57594b65570012"
  case submissionFailed = "06f336c9bf4c45199f53715603f22a0d"
}
