import Base
import Language
import Testing

struct ServerAddressTests {
  @Test(arguments: [
    ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("HTTP://box", "http://box:80"),
    ("https://models.example/", "https://models.example:443"), ("http://box:8000/v1/", "http://box:8000"),
    ("http://box:8000/v3", "http://box:8000/v3"), ("http://[::1]:8080", "http://[::1]:8080"),
    ("https://[fe80::1]", "https://[fe80::1]:443"), ("unix:/run/llama.sock", "unix:/run/llama.sock"),
  ])
  func `an address is read in each of its forms`(text: String, expected: String) throws {
    #expect(try ServerAddress(text).description == expected)
  }

  @Test(arguments: [
    "", "box:8080", "ftp://box", "http://", "http://:80", "http://box:0", "http://box:99999", "http://box:x",
    "http://box/v1?key=hunter2", "http://box/#x", "http://b ox", "https://bücher.example",
    "unix:run/llama.sock",
    "http://user:hunter2@box/v1", "unix:/" + String(repeating: "a", count: 107),
  ])
  func `what is no address is refused with advice and never quoted`(text: String) {
    let fault = #expect(throws: Fault.self) { try ServerAddress(text) }
    #expect(fault?.advice != nil && fault?.description.contains("hunter2") == false)
  }

  @Test func `a socket's path may be as long as the kernel allows`() throws {
    let path = "/" + String(repeating: "a", count: 106)
    #expect(try ServerAddress(socket: path).place == .unix(path: path))
  }
}

struct ServerKeyTests {
  @Test func `a key shows itself nowhere`() throws {
    let key = try ServerKey(" hunter2\n")
    var dumped = ""
    dump(key, to: &dumped)
    for shown in ["\(key)", String(reflecting: key), dumped, "\([key])", "\(Optional(key) as Any)"] {
      #expect(!shown.contains("hunter2"))
    }
  }

  @Test(arguments: ["", "  \n", "a b", "a\r\nx-evil: 1", "schlüssel", "a\0b"])
  func `a key that would write headers of its own is refused and not quoted`(text: String) {
    let fault = #expect(throws: Fault.self) { try ServerKey(text) }
    #expect(text.isEmpty || fault?.description.contains("evil") == false)
  }
}
