import Foundation
import Language
import Testing

/// `saccade setup llama` with tools that do nothing but what it needs of them: the real ones take ten minutes.
struct SetupTests {
  /// Makes a folder of tools whose pip and cmake are scripts. The file `refuse` in it lets the build fail.
  private static func tools() throws -> Folder {
    let folder = try Folder([
      "pip": """
      #!/bin/sh
      echo "pip $*" >>"$TOOLS/calls"
      [ "$1" = download ] || exit 0
      while [ $# -gt 0 ]; do [ "$1" = --dest ] && dest=$2; [ "$1" = --requirement ] && cat "$2" >>"$TOOLS/calls"; shift; done
      top=$dest/top/vendor/llama.cpp
      mkdir -p "$top/gguf-py" "$top/models/templates"
      echo MIT >"$top/LICENSE"; echo vocab >"$top/models/ggml-vocab-qwen2.gguf"
      tar -czf "$dest/llama_cpp_python-0.tar.gz" -C "$dest" top
      """,
      "cmake": """
      #!/bin/sh
      echo "cmake $*" >>"$TOOLS/calls"
      """,
      "ninja": """
      #!/bin/sh
      echo "ninja $*" >>"$TOOLS/calls"
      if [ -e "$TOOLS/refuse" ]; then echo "no room for cc1plus"; exit 3; fi
      mkdir -p "$2/bin"
      printf '#!/bin/sh\\necho version: 1\\n' >"$2/bin/llama-server"
      chmod 755 "$2/bin/llama-server"
      """,
      "python3": """
      #!/bin/sh
      echo "python3 $*" >>"$TOOLS/calls"
      for last; do :; done
      mkdir -p "$last/bin" && cp "$TOOLS/pip" "$TOOLS/cmake" "$TOOLS/ninja" "$last/bin"
      """,
      "c++": "#!/bin/sh\n",
    ])
    for name in ["pip", "cmake", "ninja", "python3", "c++"] {
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.file(name))
    }
    return folder
  }

  private static func setup(_ tools: Folder, cache: Folder, path: String? = nil) async throws
    -> Command.Output
  {
    try await Command.run(
      ["setup", "llama", "--jobs", "3"],
      environment: [
        "TOOLS": tools.path, "PATH": path ?? "\(tools.path):/usr/bin:/bin", "XDG_CACHE_HOME": cache.path,
        "CXX": tools.file("c++"),
      ])
  }

  @Test func `it is built once, then found`() async throws {
    let (tools, cache) = (try Self.tools(), try Folder())
    let first = try await Self.setup(tools, cache: cache)
    #expect(first.code == 0, "\(first.error)")
    let path = try #require(first.lines.first.map(String.init))
    #expect(
      path.hasPrefix(cache.path + "/saccade/llama-\(LlamaRecipe.version)-")
        && path.hasSuffix("/bin/llama-server"))
    #expect(FileManager.default.isExecutableFile(atPath: path))
    let kept = try FileManager.default.contentsOfDirectory(atPath: cache.path + "/saccade")
    #expect(kept.count == 1, "\(kept)")
    let share =
      URL(fileURLWithPath: path).deletingLastPathComponent().deletingLastPathComponent().path + "/share"
    #expect(
      try Set(FileManager.default.contentsOfDirectory(atPath: share)) == [
        "LICENSE", "gguf-py", "ggml-vocab-qwen2.gguf", "templates",
      ])
    let calls = try tools.text("calls")
    #expect(calls.contains("llama-cpp-python==\(LlamaRecipe.version) --hash=sha256:\(LlamaRecipe.hash)"))
    #expect(calls.contains("-j 3 llama-server"))
    #expect(first.error.contains("of computing"))

    let second = try await Self.setup(tools, cache: cache)
    #expect(second.code == 0 && second.output == first.output)
    #expect(try tools.text("calls") == calls)
  }

  @Test func `what failed is told with its last words, and goes on there the next time`() async throws {
    let (tools, cache) = (try Self.tools(), try Folder())
    try "".write(toFile: tools.file("refuse"), atomically: true, encoding: .utf8)
    let failed = try await Self.setup(tools, cache: cache)
    #expect(failed.code == 69 && failed.output.isEmpty)
    #expect(
      failed.error.contains("no room for cc1plus") && failed.error.contains("exit 3")
        && failed.error.contains("log.txt"))
    try FileManager.default.removeItem(atPath: tools.file("refuse"))
    let again = try await Self.setup(tools, cache: cache)
    #expect(again.code == 0)
    let calls = try tools.text("calls").split(separator: "\n")
    #expect(calls.count { $0.hasPrefix("pip download") } == 1)
    #expect(calls.count { $0.hasPrefix("ninja") } == 2)
  }

  @Test(arguments: ["python3", "c++"])
  func `what is missing is named, with how to get it`(name: String) async throws {
    let (tools, cache) = (try Self.tools(), try Folder())
    try FileManager.default.removeItem(atPath: tools.file(name))
    let output = try await Self.setup(tools, cache: cache, path: tools.path)
    #expect(output.code == 69)
    #expect(output.error.contains("\(name)` is missing") && output.error.contains("apt-get install"))
  }

  @Test func `a cache that can't be written is told`() async throws {
    let tools = try Self.tools()
    let output = try await Command.run(
      ["setup", "llama"],
      environment: [
        "TOOLS": tools.path, "PATH": tools.path, "CXX": tools.file("c++"),
        "XDG_CACHE_HOME": tools.file("c++"),
      ])
    #expect(output.code == 73 && output.error.contains("can't write into the cache"))
  }
}
