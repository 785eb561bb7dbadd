import Glibc

/// Texts as C takes them, as long as this value lives.
struct CTexts: ~Copyable {
  let pointers: [UnsafePointer<CChar>]

  init(_ texts: [String]) {
    pointers = texts.map { text in
      guard let copy = strdup(text) else { fatalError("out of memory for a text") }
      return UnsafePointer(copy)
    }
  }

  deinit { for pointer in pointers { free(UnsafeMutablePointer(mutating: pointer)) } }
}
