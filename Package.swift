// swift-tools-version: 6.2
import PackageDescription

let house: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let metrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let http: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
]

let client: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: house)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["Base", "TestKit"], swiftSettings: house)
}

let package = Package(
  name: "saccade",
  products: [
    .executable(name: "saccade", targets: ["saccade"]),
    .library(name: "SaccadeClient", targets: ["SaccadeClient"]),
    // Loaded by name where a sweep is read, so that nothing else carries DCMTK.
    .library(name: "SaccadeSlices", type: .dynamic, targets: ["SliceBridge"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  // Each room imports only rooms above it.
  targets: [
    .target(name: "CLinux"),
    .target(
      name: "CFFmpeg",
      linkerSettings: ["avformat", "avcodec", "avutil", "swscale"].map { .linkedLibrary($0) }),
    .target(name: "CKernels"),
    .target(name: "CSlices"),
    .target(name: "COpenVINO"),
    .target(
      name: "SliceBridge", dependencies: ["CSlices"],
      linkerSettings: ["dcmjpls", "dcmjpeg", "dcmimgle", "dcmdata", "oflog", "ofstd", "tiff", "stdc++"].map {
        .linkedLibrary($0)
      }),
    room("Base", ["CLinux"]),
    room("Media", ["Base", "CFFmpeg", "CKernels", "CLinux", "CSlices"]),
    room("Frames", ["Base"]),
    room("Vision", ["Base", "Media", "CKernels"]),
    room("Events"),
    room("VisionOpenVINO", ["Base", "Events", "Media", "Vision", "COpenVINO"]),
    .target(
      name: "Conditions", dependencies: ["Base", "Events"],
      resources: [.embedInCode("Instruction/vocabulary.txt")], swiftSettings: house),
    room("SaccadeClient", ["Events"]),
    .target(
      name: "Semantics", dependencies: ["Base", "Conditions", "Media", "Vision", "Events"],
      resources: ["thing", "place", "region"].map { .embedInCode("Belief/\($0).trees") },
      swiftSettings: house),
    .target(
      name: "Sweeps", dependencies: ["CKernels", "Conditions", "Events", "Media"],
      resources: ["css", "js"].map { .embedInCode("Report/Page/page.\($0)") }, swiftSettings: house),
    room("Journal", ["Base", "Conditions", "Events", .product(name: "GRDB", package: "GRDB.swift")]),
    room("Language", ["Base", "CLinux", "Events", client, logging, http] + nio),
    room("Service", ["Base", "CLinux", "Conditions", "Events", logging, metrics, http] + nio),
    room(
      "Pipelines",
      [
        "CLinux", "Base", "Conditions", "Media", "Frames", "Vision", "Events", "Semantics", "Journal",
        "Language", "Service",
        "Sweeps", "Yams", logging,
      ]),
    .executableTarget(
      name: "saccade",
      dependencies: [
        "CLinux", "Base", "Conditions", "Media", "Events", "Journal", "Language", "SaccadeClient", "Service",
        "Sweeps", "Pipelines", "Vision", "VisionOpenVINO",
        arguments, logging,
      ],
      swiftSettings: house),

    .target(
      name: "FuzzTargets",
      dependencies: ["Base", "Conditions", "Events", "Media", "Pipelines", "Service", logging],
      path: "Tests/FuzzTargets", swiftSettings: house),
    .executableTarget(
      name: "saccade-fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzz",
      exclude: ["texts", "texts.txt", "socket", "media"],
      swiftSettings: house),
    tests("FuzzTests", ["FuzzTargets"]),
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    .target(name: "TestKit", dependencies: ["Base"], path: "Tests/TestKit", swiftSettings: house),
    .target(
      name: "ModelKit", dependencies: ["Base", "Events", "Language", "Media", "TestKit", "Vision"],
      path: "Tests/ModelKit", swiftSettings: house),
    tests("TestKitTests", []),
    tests("FramesTests", ["Frames"]),
    tests("MediaTests", ["Media", "CFFmpeg", "CKernels"]),
    tests("VisionTests", ["CKernels", "Media", "Vision"]),
    tests("VisionOpenVINOTests", ["VisionOpenVINO"]),
    tests("ModelTests", ["saccade", "Events", "Media", "ModelKit", "VisionOpenVINO"]),
    .testTarget(
      name: "ConditionsTests", dependencies: ["CAllocations", "Conditions", "Base", "TestKit"],
      exclude: ["sentences.txt"],
      swiftSettings: house),
    tests("EventsTests", ["Events"]),
    tests(
      "SemanticsTests", ["Conditions", "Media", "ModelKit", "Vision", "Events", "Semantics", "Pipelines"]),
    tests("SweepsTests", ["CKernels", "Conditions", "Events", "Media", "Sweeps"]),
    tests("ClientTests", ["Events", "Service", "SaccadeClient"] + nio),
    tests(
      "JournalTests", ["Events", "Journal", "journal-victim", .product(name: "GRDB", package: "GRDB.swift")]),
    .executableTarget(
      name: "journal-victim", dependencies: ["Base", "Events", "Journal", "TestKit"],
      path: "Tests/JournalVictim", swiftSettings: house),
    .testTarget(
      name: "LanguageTests",
      dependencies: ["Base", "Events", "Language", "ModelKit", "TestKit", logging] + nio,
      exclude: ["goldens", "fake-llama.py"], swiftSettings: house),
    tests("ServiceTests", ["Conditions", "Events", "Service", metrics] + nio),
    .testTarget(
      name: "PipelinesTests",
      dependencies: [
        "Conditions", "Media", "Frames", "Vision", "Events", "Semantics", "Journal", "Service", "Sweeps",
        "Pipelines", "Language", "ModelKit", logging, "Base", "TestKit",
      ], exclude: ["goldens"], swiftSettings: house),
    tests("CommandTests", ["saccade", "Events", "Journal", "Language", "ModelKit"]),
    .testTarget(
      name: "FaultTests", dependencies: ["saccade", "Base", "Events", "Media", "TestKit"],
      exclude: ["camera.py"],
      swiftSettings: house),

    .executableTarget(
      name: "saccade-scenes",
      dependencies: [
        "TestKit", "ModelKit", "Base", "Conditions", "Events", "Media", "Vision", "VisionOpenVINO",
        "Semantics", "Pipelines", arguments,
      ], path: "bench/SceneTool",
      swiftSettings: house),
    .executableTarget(
      name: "saccade-sweeps", dependencies: ["Base", "Media", "Sweeps", arguments], path: "bench/SweepTool",
      swiftSettings: house),
    .executableTarget(
      name: "condition-bench", dependencies: ["Base", "CAllocations", "Conditions"],
      path: "bench/ConditionBench", swiftSettings: house),
    .executableTarget(
      name: "subscriber-bench", dependencies: ["Base", "Events", "Service", logging],
      path: "bench/SubscriberBench", swiftSettings: house),
    .executableTarget(
      name: "detector-bench", dependencies: ["Base", "Media", "VisionOpenVINO"],
      path: "bench/DetectorBench", swiftSettings: house),
    .executableTarget(
      name: "slice-dump", dependencies: ["Base", "Media"], path: "bench/SliceDump", swiftSettings: house),
  ]
)
