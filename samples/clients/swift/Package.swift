// swift-tools-version: 6.2
import PackageDescription

// In your own program, depend on the repository's URL instead of the path.
let package = Package(
  name: "watch",
  dependencies: [.package(name: "saccade", path: "../../..")],
  targets: [
    .executableTarget(
      name: "watch", dependencies: [.product(name: "SaccadeClient", package: "saccade")])
  ]
)
