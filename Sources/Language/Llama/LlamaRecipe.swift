import Base

/// Which llama-server belongs to this version of Saccade, where it lies once built, and how it is built.
///
/// It comes out of the source package of llama-cpp-python, which carries all of llama.cpp and is pinned by its hash. It is
/// built for the processor that it runs on: a build for any processor computes several times slower or takes twelve variants
/// of the kernels, and this one never leaves the cache of its machine. As a cache may be shared by machines, the folder's name
/// tells the processor's features.
package enum LlamaRecipe {
  package static let source = "llama-cpp-python"
  package static let version = "0.3.36"
  /// SHA-256 of the source package, as PyPI lists it.
  package static let hash = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
  /// What builds it, out of PyPI too, so that neither is needed on the system.
  package static let tools = ["cmake==4.4.5", "ninja==1.13.2", "scikit-build-core==1.1.2"]
  /// MiB on disk while it is being built.
  package static let spaceMiB = 1500

  /// Neither a page for browsers, nor TLS, nor video through a program: Saccade needs none of them, and the first would be
  /// fetched while it builds.
  package static let flags = [
    "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=OFF", "-DGGML_NATIVE=ON", "-DGGML_OPENMP=OFF",
    "-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_EXAMPLES=OFF", "-DLLAMA_BUILD_APP=OFF", "-DLLAMA_BUILD_UI=OFF",
    "-DLLAMA_USE_PREBUILT_UI=OFF", "-DLLAMA_OPENSSL=OFF", "-DMTMD_VIDEO=OFF",
  ]

  /// `$XDG_CACHE_HOME/saccade`, or `.cache/saccade` in the home folder; nil where neither is known.
  package static func cache(in environment: [String: String]) -> String? {
    if let cache = environment["XDG_CACHE_HOME"], cache.hasPrefix("/") { return cache + "/saccade" }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return home + "/.cache/saccade"
  }

  /// The folder on this machine, by the environment's cache; nil where there is none. Reads /proc/cpuinfo.
  package static func folder(in environment: [String: String]) -> String? {
    let processors = (try? TextFile.read("/proc/cpuinfo", limit: 1 << 22)) ?? ""
    return cache(in: environment).map { folder(in: $0, processors: processors) }
  }

  /// - Parameter processors: The text of /proc/cpuinfo.
  package static func folder(in cache: String, processors: String) -> String {
    #if arch(x86_64)
      let architecture = "x86_64"
    #elseif arch(arm64)
      let architecture = "arm64"
    #else
      let architecture = "other"
    #endif
    let features =
      processors.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") } ?? ""
    return "\(cache)/llama-\(version)-\(architecture)-\(Fingerprint(features.utf8).description.prefix(8))"
  }

  package static func server(in folder: String) -> String { folder + "/bin/llama-server" }
}
