// swift-tools-version: 6.2
import Foundation
import PackageDescription

// One settings loop for every target, so that no room can quietly be laxer than its neighbours.
let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

// What computes, computes wide: for the instructions of the machine that builds. Results do not depend on it, since
// the compiler fuses no multiplication with an addition. RAPPORT_CPU=x86-64 builds for any.
let wide: [SwiftSetting] = (processor.map { [.unsafeFlags(["-Xcc", "-march=\($0)"])] } ?? [])

var processor: String? {
    #if os(Linux) && arch(x86_64)
        if let asked = Context.environment["RAPPORT_CPU"] { return asked }
        let flags = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?
            .split(separator: "\n").first { $0.hasPrefix("flags") }?.split(separator: " ")
        let has = { (names: [Substring]) in names.allSatisfy(Set(flags ?? []).contains) }
        guard has(["avx2", "bmi1", "bmi2", "fma", "f16c", "movbe", "abm"]) else { return nil }
        return has(["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]) ? "x86-64-v4" : "x86-64-v3"
    #else
        return nil
    #endif
}

let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let sqlite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
    name: "rapport",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "rapport", targets: ["rapport"])],
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // C declarations of the ABIs that we call, and zlib's unpacking.
        .target(name: "CADBC"),
        .target(name: "CNative", linkerSettings: [.linkedLibrary("z")]),
        // Values and mathematics: no input or output.
        .target(name: "EngagementModel"),
        .target(name: "Statistics"),
        // What pages and mails say to HCPs, a table for each language.
        .target(name: "Words", dependencies: ["EngagementModel"]),
        .target(name: "Decisioning", dependencies: ["CNative", "EngagementModel", "Statistics"]),
        .target(name: "Insight", dependencies: ["EngagementModel", "Statistics"]),
        .target(name: "Simulation", dependencies: ["EngagementModel", "Statistics"]),
        // Definition files with places for mistakes.
        .target(name: "Definitions", dependencies: ["EngagementModel", yams]),
        // The two stores.
        .target(
            name: "Warehouse", dependencies: ["CADBC", "EngagementModel", logging],
            resources: [.copy("SQL"), .copy("Mappings")]),
        .target(name: "Ledger", dependencies: ["EngagementModel", grdb, sqlite, crypto, cryptoExtras]),
        // What is said: parts, review, assembly.
        .target(name: "Content", dependencies: ["Definitions", "EngagementModel", "Ledger", crypto]),
        // Who, when, in what order: definitions, the machine, the durable runner.
        .target(name: "Journeys", dependencies: ["EngagementModel", "Statistics", "Ledger", lifecycle]),
        // What leaves and what comes back: mail, webhooks, files, invitations; links, bounces.
        .target(
            name: "Delivery",
            dependencies: [
                "EngagementModel", "Statistics", "Ledger", crypto, cryptoExtras, nioCore, nioPosix, nioHTTP1, nioTLS,
                nioSSL, logging, lifecycle,
            ]),
        // Every method on its own, on one file.
        .target(
            name: "Analysis",
            dependencies: ["EngagementModel", "Statistics", "Warehouse", "Insight", "Decisioning", arguments]),
        // The run, the pages, the command.
        .target(
            name: "Cycle",
            dependencies: [
                "EngagementModel", "Statistics", "Warehouse", "Ledger", "Insight", "Decisioning", "Simulation",
                "Journeys", "Definitions", "Content", "Delivery", "Words", crypto, logging, yams,
            ],
            resources: [.copy("Templates")]),
        .target(
            name: "Server",
            dependencies: [
                "EngagementModel", "Warehouse", "Ledger", "Content", "Journeys", "Delivery", "Decisioning",
                "Words", "CNative", crypto, hummingbird, httpTypes, nioCore, nioHTTP1, mustache, logging, lifecycle,
            ],
            resources: [.copy("Resources")]),
        .executableTarget(
            name: "rapport",
            dependencies: [
                "EngagementModel", "Warehouse", "Ledger", "Content", "Journeys", "Delivery", "Decisioning",
                "Simulation",
                "Analysis", "Cycle", "Server",
                arguments, logging, lifecycle, signals,
            ]),
        // Clocks, builders, temporary stores, goldens.
        .target(name: "TestSupport", dependencies: ["EngagementModel"], path: "Tests/TestSupport"),
        .testTarget(name: "EngagementModelTests", dependencies: ["EngagementModel"]),
        .testTarget(name: "StatisticsTests", dependencies: ["Statistics"]),
        .testTarget(
            name: "DecisioningTests", dependencies: ["Decisioning", "EngagementModel", "Statistics"],
            exclude: ["Trees/trees.json"]),
        .testTarget(
            name: "InsightTests", dependencies: ["Insight", "EngagementModel", "Statistics", "TestSupport"],
            exclude: ["Fixtures", "Text/sentences.json", "Identity/Fixtures", "Timing/Fixtures"]),
        .testTarget(
            name: "AnalysisTests",
            dependencies: ["Analysis", "EngagementModel", "Statistics", "Decisioning", "Insight", arguments],
            exclude: ["Fixtures"]),
        .testTarget(name: "SimulationTests", dependencies: ["Simulation", "EngagementModel", "Statistics"]),
        .testTarget(
            name: "WarehouseTests", dependencies: ["Warehouse", "EngagementModel", yams], exclude: ["Fixtures"]),
        .executableTarget(
            name: "LedgerCrashProbe", dependencies: ["EngagementModel", "Ledger"], path: "Tests/LedgerCrashProbe"),
        .testTarget(
            name: "LedgerTests", dependencies: ["EngagementModel", "Ledger", "LedgerCrashProbe", grdb],
            exclude: ["Goldens"]),
        .executableTarget(
            name: "JourneyCrashProbe", dependencies: ["EngagementModel", "Ledger", "Journeys"],
            path: "Tests/JourneyCrashProbe"),
        .testTarget(
            name: "JourneysTests",
            dependencies: ["EngagementModel", "Ledger", "Journeys", "JourneyCrashProbe", grdb]),
        .testTarget(name: "ContentTests", dependencies: ["Content", "Definitions", "EngagementModel", "Statistics"]),
        .executableTarget(
            name: "DeliveryProbe", dependencies: ["Cycle", "EngagementModel", "Ledger", "Delivery", logging],
            path: "Tests/DeliveryProbe"),
        .testTarget(
            name: "DeliveryTests",
            dependencies: [
                "EngagementModel", "Statistics", "Ledger", "Delivery", "DeliveryProbe", nioCore, nioPosix,
                nioHTTP1, nioSSL, grdb, crypto, cryptoExtras, logging, lifecycle,
            ]),
        .testTarget(
            name: "CycleTests",
            dependencies: [
                "Content", "Cycle", "Decisioning", "Delivery", "EngagementModel", "Insight", "Journeys", "Ledger",
                "Simulation", "Statistics", "Warehouse",
                "TestSupport", logging,
            ]),
        .testTarget(
            name: "ServerTests",
            dependencies: [
                "Content", "Decisioning", "EngagementModel", "Journeys", "Ledger", "Server", "Warehouse", "Delivery",
                "Words", hummingbird,
                logging,
                lifecycle, httpTypes,
                nioCore,
            ]),
        .testTarget(
            name: "CommandTests", dependencies: ["rapport", "EngagementModel", "TestSupport"], exclude: ["Goldens"]),
    ]
)
for target in package.targets where !["CADBC", "CNative"].contains(target.name) {
    target.swiftSettings = settings + (["Statistics", "Decisioning", "Insight"].contains(target.name) ? wide : [])
}
