import Glibc

@main
enum Main {
  static func main() {
    // A closed pipe is an error of the write that meets it, never the end of the process.
    signal(SIGPIPE, SIG_IGN)
    exit(Launch.run(Array(CommandLine.arguments.dropFirst()), on: Surroundings()))
  }
}
