import Testing
import Vocabulary

struct ListenAddressTests {
  @Test(
    arguments: [
      ("127.0.0.1:8642", "127.0.0.1:8642", true), ("[::1]:80", "[::1]:80", true), ("0.0.0.0:0", "0.0.0.0:0", false),
      ("localhost:1", "127.0.0.1:1", true), ("[2001:db8::7]:65535", "[2001:db8::7]:65535", false),
    ] as [(String, String, Bool)])
  func itIsAnAddressAndAPort(text: String, description: String, isLoopback: Bool) throws {
    let address = try #require(ListenAddress(text))
    #expect(address.description == description && address.isLoopback == isLoopback)
  }

  @Test(arguments: [
    "", "8642", ":8642", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:8642x", "::1:80",
    "[::1]",
    "[127.0.0.1]:80", "server:80", "256.0.0.1:80", "127.1:80", " 127.0.0.1:80", "[::1:80",
  ])
  func anythingElseIsNone(text: String) { #expect(ListenAddress(text) == nil) }
}
