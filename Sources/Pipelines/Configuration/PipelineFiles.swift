import Base
import Glibc

/// Pipeline files and folders of them → pipelines, all or none.
package enum PipelineFiles {
  /// What is given to whoever compiles sentences, in place of a fault.
  package enum Compiling: Sendable { case none, missing, all }

  /// Longer than any pipeline that a person wrote.
  private static let longest = 1 << 20

  /// Reads the files, and every `*.yaml` and `*.yml` of the folders, by name. Blocks on the disk.
  ///
  /// - Parameter environment: where `${NAME}` is looked up.
  /// - Throws: every fault of every file, and names or standard input claimed by two of them.
  package static func load(
    _ paths: [String], environment: [String: String], compiling: Compiling = .none
  ) throws(PipelineFaults) -> [Pipeline] {
    var faults: [Fault] = []
    var pipelines: [Pipeline] = []
    for path in paths {
      do {
        for file in try files(at: path) {
          do {
            pipelines.append(
              try read(
                try TextFile.read(file, limit: longest), path: file, environment: environment,
                compiling: compiling))
          } catch let found as PipelineFaults {
            faults += found.faults
          } catch let fault as Fault {
            faults.append(fault)
          }
        }
      } catch {
        faults.append(error as? Fault ?? Fault(.software, "\(error)", at: path))
      }
    }
    faults += clashes(between: pipelines)
    guard faults.isEmpty else { throw PipelineFaults(faults) }
    return pipelines
  }

  /// Reads one file, to look at `input` in place of the source that it names. Blocks on the disk.
  package static func load(
    _ path: String, environment: [String: String], input: String
  ) throws(PipelineFaults) -> Pipeline {
    let text: String
    do {
      text = try TextFile.read(path, limit: longest)
    } catch {
      throw PipelineFaults([error])
    }
    return try read(text, path: path, environment: environment, input: input)
  }

  /// Reads the text of one file. `path` is named in faults; relative paths in the text start in its folder.
  package static func read(
    _ text: String, path: String, environment: [String: String], input: String? = nil,
    compiling: Compiling = .none
  ) throws(PipelineFaults) -> Pipeline {
    let draft = Draft(path: path, text: text)
    let pipeline = PipelineReader(
      text, draft: draft, environment: environment, input: input, compiling: compiling
    )
    .pipeline()
    guard let pipeline, draft.faults.isEmpty else { throw PipelineFaults(draft.sortedFaults()) }
    return pipeline
  }

  private static func files(at path: String) throws -> [String] {
    guard let folder = opendir(path) else {
      // No folder: left to the reader, which says what is wrong.
      guard errno != EACCES || access(path, R_OK) == 0 else { throw TextFile.failure(EACCES, path) }
      return [path]
    }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".yaml") || name.hasSuffix(".yml"), !name.hasPrefix(".") { names.append(name) }
    }
    guard !names.isEmpty else {
      throw Fault(.noInput, "the folder holds no pipeline", at: path, advice: "pipeline files end in .yaml")
    }
    let prefix = path.hasSuffix("/") ? path : path + "/"
    return names.sorted().map { prefix + $0 }
  }

  private static func clashes(between pipelines: [Pipeline]) -> [Fault] {
    var faults: [Fault] = []
    var named: [String: Pipeline] = [:]
    var reader: Pipeline?
    var listener: Pipeline?
    for pipeline in pipelines {
      let file = pipeline.file ?? pipeline.name
      if let other = named[pipeline.name] {
        faults.append(
          Fault(
            .configuration, "two pipelines are named `\(pipeline.name)`", at: file,
            cause: "the other is \(other.file ?? "")", advice: "give one of them another `name:`"))
      }
      named[pipeline.name] = pipeline
      if pipeline.source.url == "-" {
        if let other = reader {
          faults.append(
            Fault(
              .configuration, "two pipelines read standard input", at: file,
              cause: "the other is \(other.file ?? "")"))
        }
        reader = pipeline
      }
      if let socket = pipeline.socket {
        if let other = listener, other.socket != socket {
          faults.append(
            Fault(
              .configuration, "the pipelines ask for two sockets", at: file,
              cause: "`\(socket)` here, `\(other.socket ?? "")` in \(other.file ?? "")",
              advice: "one daemon has one socket: start two, or leave one out"))
        }
        listener = pipeline
      }
    }
    return faults
  }
}
