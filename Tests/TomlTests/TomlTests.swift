import Testing
import Toml

struct TomlTests {
  @Test func everyKindOfValueKeepsItsLine() throws {
    let text = """
      text = "a \\"quoted\\" ï\\tline"
      count = 42
      share = 0.25
      on = true

      [[source]]
      urls = ["a", "b"]
      when = 2017-01-02
      """
    let node = try Toml.parse(Array(text.utf8))
    guard case .table(let root) = node.value, case .array(let sources)? = root["source"]?.value,
      case .table(let source)? = sources.first?.value
    else {
      Issue.record("not the shape that was written: \(node)")
      return
    }
    #expect(root["text"] == TomlNode(line: 1, value: .string("a \"quoted\" ï\tline")))
    #expect(root["count"] == TomlNode(line: 2, value: .integer(42)))
    #expect(root["share"] == TomlNode(line: 3, value: .number(0.25)))
    #expect(root["on"] == TomlNode(line: 4, value: .boolean(true)))
    #expect(sources[0].line == 6)
    #expect(
      source["urls"]
        == TomlNode(
          line: 7, value: .array([TomlNode(line: 7, value: .string("a")), TomlNode(line: 7, value: .string("b"))])))
    #expect(source["when"] == TomlNode(line: 8, value: .other("2017-01-02")))
  }

  @Test(arguments: [("a = \nb = 2", 1), ("x = 1\nx = 2", 2), ("[open", 1), ("t = \"\u{0}\"", 1)])
  func anErrorSaysWhere(text: String, line: Int) {
    let error = #expect(throws: TomlError.self) { try Toml.parse(Array(text.utf8)) }
    #expect(error?.line == line)
  }

  @Test func bytesThatAreNotTextAreRefused() {
    #expect(throws: TomlError.self) { try Toml.parse([0x61, 0x3d, 0x22, 0xff, 0xfe, 0x22]) }
  }

  @Test func nothingIsAnEmptyTable() throws {
    #expect(try Toml.parse([]).value == .table([:]))
  }
}
