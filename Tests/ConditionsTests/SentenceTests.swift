import Conditions
import Glibc
import Testing

/// Sentences and what they must mean, from `sentences.txt`.
struct SentenceTests {
  struct Case: CustomTestStringConvertible, Sendable {
    var line: Int
    var domain: Domain
    var sentence: String
    var meaning: String
    var testDescription: String { sentence }
  }

  static let cases: [Case] = {
    let folder = #filePath.split(separator: "/").dropLast().joined(separator: "/")
    guard let file = fopen("/\(folder)/sentences.txt", "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 { bytes += chunk[..<count] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .enumerated().compactMap { number, line in
        guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
        let columns = line.split(separator: "|").map { String($0).trimmingBlanks }
        guard columns.count == 3, let domain = Domain(rawValue: columns[0]) else {
          fatalError("sentences.txt:\(number + 1): \(line)")
        }
        return Case(line: number + 1, domain: domain, sentence: columns[1], meaning: columns[2])
      }
  }()

  static func vocabulary(_ domain: Domain) -> Vocabulary {
    domain == .sweep
      ? Vocabulary(domain: .sweep, hasScale: true)
      : Vocabulary(zones: ["door", "yard", "车道"], lines: ["gate"], hasScale: true, labels: nil)
  }

  @Test func thereAreEnoughOfThem() {
    let refused = Self.cases.filter { $0.meaning.hasPrefix("!") }
    #expect(Self.cases.count - refused.count >= 150)
    #expect(refused.count >= 40)
    #expect(Set(Self.cases.map { "\($0.domain) \($0.sentence)" }).count == Self.cases.count)
  }

  @Test(arguments: cases.filter { !$0.meaning.hasPrefix("!") })
  func aSentenceMeansWhatItSays(_ given: Case) throws {
    let names = Self.vocabulary(given.domain)
    let condition: Condition?
    do throws(Problem) {
      condition = try Instruction.read(given.sentence, names)
    } catch {
      Issue.record("line \(given.line): \(error.what); \(error.advice ?? "")")
      return
    }
    let expected = given.meaning == "*" ? nil : try ConditionParser.read(given.meaning, names)
    #expect(condition == expected, "line \(given.line): \(condition?.text(names) ?? "*")")
  }

  @Test(arguments: cases.filter { $0.meaning.hasPrefix("!") })
  func whatIsNotUnderstoodIsRefused(_ given: Case) {
    let names = Self.vocabulary(given.domain)
    #expect(throws: Problem.self, "line \(given.line)") {
      do throws(Problem) {
        let condition = try Instruction.read(given.sentence, names)
        Issue.record("line \(given.line): read as \(condition?.text(names) ?? "*")")
      } catch {
        let part = String(given.meaning.dropFirst()).trimmingBlanks
        #expect(
          error.what.contains(part) || error.advice?.contains(part) ?? false,
          "line \(given.line): \(error.what)")
        throw error
      }
    }
  }
}

extension String {
  var trimmingBlanks: String {
    var view = self[...]
    while view.first == " " { view.removeFirst() }
    while view.last == " " { view.removeLast() }
    return String(view)
  }
}
