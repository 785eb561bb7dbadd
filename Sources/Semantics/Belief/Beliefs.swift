/// What the parser has learnt to believe, from rendered scenes of which everything is known.
///
/// Each model is a file of `BoostedTrees`; `bench/beliefs/learn.sh` makes them.
package enum Beliefs {
  /// That a candidate is a thing.
  package static let thing = load("thing", PackageResources.thing_trees)
  /// That a known thing is where its track says.
  package static let place = load("place", PackageResources.place_trees)
  /// That a known thing is the whole region that covers most of its track.
  package static let region = load("region", PackageResources.region_trees)

  private static func load(_ name: String, _ bytes: [UInt8]) -> BoostedTrees {
    do {
      return try BoostedTrees(String(decoding: bytes, as: UTF8.self))
    } catch {
      preconditionFailure("\(name).trees, \(error)")
    }
  }

  /// From log-odds to 0…1.
  package static func probability(_ logOdds: Double) -> Double {
    // e^x by 2^(x / ln 2), of which only what is below 1 is needed.
    let small = exp2(-abs(logOdds) * 1.4426950408889634)
    return logOdds >= 0 ? 1 / (1 + small) : small / (1 + small)
  }
}
