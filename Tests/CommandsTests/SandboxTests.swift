import Commands
import Testing
import Vocabulary

struct SandboxTests {
  @Test(
    arguments: [
      ("ProtectSystem=strict\nStateDirectory=primatrix\nReadWritePaths=", "/var/lib/primatrix", true),
      ("ProtectSystem=strict\nStateDirectory=primatrix", "/var/lib/primatrix/deeper", true),
      ("ProtectSystem=strict\nStateDirectory=primatrix", "/var/lib/primatrix-2", false),
      ("ProtectSystem=strict\nStateDirectory=primatrix:link", "/var/lib/primatrix", true),
      ("ProtectSystem=strict\nStateDirectory=primatrix", "/data/primatrix", false),
      ("ProtectSystem=strict\nReadWritePaths=/srv -/data/primatrix", "/data/primatrix", true),
      ("ProtectSystem=strict\nReadWritePaths=/", "/data", true),
      ("ProtectSystem=full\nReadWritePaths=", "/data", true), ("", "/data", true),
    ] as [(String, BytePath, Bool)]) func whatAServiceMayWrite(shown: String, path: BytePath, isAllowed: Bool)
  { #expect(Sandbox(shown).mayWrite(path) == isAllowed) }
}
