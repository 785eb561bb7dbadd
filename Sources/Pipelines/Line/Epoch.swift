/// The name of a stretch in which a stream's seqs go on: four letters or digits.
///
/// Two runs must not share one, as seqs start again from 1; one in 1.7 million does by chance.
package enum Epoch {
  private static let digits: [Character] = Array("0123456789abcdefghijklmnopqrstuvwxyz")

  package static func make(using random: inout some RandomNumberGenerator) -> String {
    String((0..<4).map { _ in digits[Int.random(in: 0..<digits.count, using: &random)] })
  }
}
