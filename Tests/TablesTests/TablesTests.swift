import Tables
import Testing

struct TablesTests {
  private struct Row: CustomTestStringConvertible {
    var name: String
    var text: String
    /// `line: field|field`
    var records: [String]
    var errors: [String] = []
    var testDescription: String { name }
  }

  private func read(_ bytes: [UInt8]) -> (records: [String], errors: [String]) {
    var reader = CSVReader(bytes)
    var records: [String] = []
    var errors: [String] = []
    while true {
      do throws(CSVError) {
        guard let record = try reader.next() else { return (records, errors) }
        let fields = record.fields.map { String(decoding: $0, as: UTF8.self) }
        records.append("\(record.line): \(fields.joined(separator: "|"))")
      } catch {
        errors.append("\(error.line): \(error.reason)")
      }
    }
  }

  @Test(arguments: [
    Row(name: "nothing", text: "", records: []),
    Row(name: "only a byte order mark", text: "\u{FEFF}", records: []),
    Row(name: "byte order mark", text: "\u{FEFF}a,b\n", records: ["1: a|b"]),
    Row(name: "no line end at the end", text: "a,b\nc,d", records: ["1: a|b", "2: c|d"]),
    Row(name: "CRLF", text: "a,b\r\nc,d\r\n", records: ["1: a|b", "2: c|d"]),
    Row(name: "CR alone", text: "a,b\rc,d\r", records: ["1: a|b", "2: c|d"]),
    Row(name: "empty lines are passed over", text: "\n\na\n\r\n\nb\n", records: ["3: a", "6: b"]),
    Row(name: "empty fields", text: ",\na,\n,b\n", records: ["1: |", "2: a|", "3: |b"]),
    Row(name: "an empty last field at the end", text: "a,", records: ["1: a|"]),
    Row(name: "a comma in quotes", text: "\"a,b\",c\n", records: ["1: a,b|c"]),
    Row(name: "a quote in quotes", text: "\"say \"\"hi\"\"\",c\n", records: ["1: say \"hi\"|c"]),
    Row(name: "a line end in quotes", text: "\"a\nb\",c\nd\n", records: ["1: a\nb|c", "3: d"]),
    Row(name: "CRLF in quotes", text: "\"a\r\nb\",c\r\nd", records: ["1: a\r\nb|c", "3: d"]),
    Row(name: "empty quotes", text: "\"\",\"\"", records: ["1: |"]),
    Row(name: "a quote inside a bare field", text: "5\" lens,b\n", records: ["1: 5\" lens|b"]),
    Row(name: "blanks are kept", text: " a , b \n", records: ["1:  a | b "]),
    Row(
      name: "an open quote takes its line only", text: "a,b\n\"c,d\ne,f\n", records: ["1: a|b", "3: e|f"],
      errors: ["2: a quote is opened and never closed"]),
    Row(
      name: "text behind a closing quote", text: "\"a\"b,c\nd,e\n", records: ["2: d|e"],
      errors: ["1: text follows a closing quote"]),
    Row(
      name: "an open quote at the end", text: "a\n\"", records: ["1: a"],
      errors: ["2: a quote is opened and never closed"]),
  ]) private func records(row: Row) {
    let got = read(Array(row.text.utf8))
    #expect(got.records == row.records)
    #expect(got.errors == row.errors)
  }

  @Test func namesNeedNotBeUTF8() throws {
    var reader = CSVReader([0xFF, 0x2C, 0x22, 0xEF, 0x22, 0x0A])
    #expect(try reader.next()?.fields == [[0xFF], [0xEF]])
  }

  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("with space inside", "with space inside"),
    ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("two\nlines", "\"two\nlines\""), ("cr\r", "\"cr\r\""),
    (" leading", "\" leading\""), ("trailing ", "\"trailing \""), ("Taï/é.mp4", "Taï/é.mp4"),
  ]) func quoting(field: String, written: String) {
    var writer = CSVWriter()
    writer.write([Array(field.utf8), Array("x".utf8)])
    #expect(String(decoding: writer.bytes, as: UTF8.self) == "\(written),x\n")
  }

  @Test func whatIsWrittenIsReadAgain() throws {
    let alphabet = Array("a,\"\n\r \u{e9};".utf8) + [0xFF]
    var state: UInt64 = 7
    func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    for _ in 0..<500 {
      // A record of one empty field is an empty line, which is no record.
      let record = (0..<(2 + next(3))).map { _ in (0..<next(6)).map { _ in alphabet[next(alphabet.count)] } }
      var writer = CSVWriter()
      writer.write(record)
      // A byte order mark can only stand at the very beginning.
      var reader = CSVReader(writer.bytes)
      #expect(try reader.next()?.fields == record)
      #expect(try reader.next() == nil)
    }
  }
}
