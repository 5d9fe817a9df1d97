// swift-tools-version: 6.2

import PackageDescription

/// The kernels are one source folder, compiled once for each instruction set: `Sources/DenseKernels*/` hold symbolic
/// links to the same files, because SwiftPM refuses targets whose paths overlap. They are optimised in debug builds
/// too, since an interpreter-speed matmul would make the tests useless. The same goes for the benchmark's own loops.
func kernels(
    _ name: String, dependencies: [Target.Dependency] = ["CVectors", "DenseKernelTable"], march: String?,
    define: String
) -> Target {
    let machine = march.map { ["-Xcc", "-march=\($0)"] } ?? []
    return .target(
        name: name, dependencies: dependencies,
        swiftSettings: [.unsafeFlags(["-O"] + machine), .define(define)])
}

#if arch(x86_64)
let kernelTargets = [
    kernels("DenseKernelsAVX2", march: "x86-64-v3", define: "KERNELS_AVX2"),
    kernels("DenseKernelsAVX512", march: "x86-64-v4", define: "KERNELS_AVX512"),
]
/// What other CPUs run, here for the tests only.
let testedKernelTargets = [kernels("DenseKernelsBaseline", march: nil, define: "KERNELS_BASELINE")]
let benchLoopTargets = [
    kernels("BenchLoopsAVX2", dependencies: [], march: "x86-64-v3", define: "KERNELS_AVX2"),
    kernels("BenchLoopsAVX512", dependencies: [], march: "x86-64-v4", define: "KERNELS_AVX512"),
]
let referenceTarget = Target.target(
    name: "CFloat64Reference",
    cSettings: [.unsafeFlags(["-O2", "-fno-math-errno", "-march=x86-64-v3"])],
    linkerSettings: [.linkedLibrary("mvec"), .linkedLibrary("m")])
#else
let kernelTargets = [kernels("DenseKernelsBaseline", march: nil, define: "KERNELS_BASELINE")]
let testedKernelTargets: [Target] = []
let benchLoopTargets = [kernels("BenchLoopsBaseline", dependencies: [], march: nil, define: "KERNELS_BASELINE")]
let referenceTarget = Target.target(
    name: "CFloat64Reference", cSettings: [.unsafeFlags(["-O2", "-fno-math-errno"])],
    linkerSettings: [.linkedLibrary("m")])
#endif

let package = Package(
    name: "dense-serve",
    products: [
        .executable(name: "dense-serve", targets: ["dense-serve"])
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Without its default traits: the JSON one alone links 45 MB of Foundation's ICU data.
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // Without its default traits: one of them takes all of Foundation.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
    ],
    targets: kernelTargets + testedKernelTargets + benchLoopTargets + [
        referenceTarget,
        .target(name: "CCPUID"),
        // Optimised in debug builds too, as the kernels are. Products and sums are rounded one by one.
        .target(name: "CLowPrecision", cSettings: [.unsafeFlags(["-O2", "-ffp-contract=off"])]),
        .systemLibrary(name: "CVectors"),
        .target(name: "CLoadPoll"),
        .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
        // The benchmark's yardstick: optimised in debug builds, too.
        .target(
            name: "CJSONReference", cxxSettings: [.unsafeFlags(["-O2"])],
            linkerSettings: [.linkedLibrary("simdjson")]),
        .target(name: "DenseKernelTable"),
        .target(name: "Locks"),
        .target(name: "FileReading"),
        .target(
            name: "DenseEngine",
            dependencies: ["CCPUID", "CLowPrecision", "DenseKernelTable", "Locks"]
                + kernelTargets.map { .target(name: $0.name) }),
        .target(name: "TensorCoding", dependencies: ["DenseEngine", "CSimdjson", "Locks"]),
        .target(
            name: "ModelStore",
            dependencies: [
                "ContentCoding", "DenseEngine", "FileReading", "Locks", "ProtobufWire", "TensorCoding",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .systemLibrary(name: "CZlib"),
        .systemLibrary(name: "CZstd"),
        .target(name: "ContentCoding", dependencies: ["CZlib", "CZstd"]),
        .systemLibrary(name: "CEpoll"),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CNGHTTP2"),
        .systemLibrary(name: "COpenSSL"),
        .target(name: "HTTPServer", dependencies: ["CEpoll", "CNGHTTP2", "COpenSSL", "FileReading", "Locks"]),
        .target(name: "ProtobufWire"),
        .target(name: "GRPCWire", dependencies: ["ProtobufWire"]),
        .target(
            name: "GRPCMessages", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
            exclude: ["Protos"]),
        .target(
            name: "AccessControl", dependencies: ["Locks", .product(name: "Crypto", package: "swift-crypto")]),
        .target(
            name: "DenseService",
            dependencies: [
                "AccessControl", "CMalloc", "ContentCoding", "DenseEngine", "FileReading", "GRPCMessages", "GRPCWire",
                "HTTPServer", "Locks", "ModelStore", "ProtobufWire", "TensorCoding",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        .executableTarget(
            name: "dense-serve",
            dependencies: [
                "AccessControl", "CMalloc", "DenseEngine", "DenseService", "FileReading", "HTTPServer", "Locks",
                "ModelStore", "TensorCoding",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "dense-fuzz",
            dependencies: [
                "AccessControl", "ContentCoding", "DenseEngine", "DenseService", "GRPCMessages", "GRPCWire",
                "HTTPServer",
                "Locks", "ModelStore", "ProtobufWire", "TensorCoding", "TestCertificates",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        .executableTarget(
            name: "dense-bench",
            dependencies: [
                "CFloat64Reference", "CJSONReference", "CLoadPoll", "ContentCoding", "DenseEngine", "DenseKernelTable",
                "FileReading", "HTTPServer", "Locks", "TensorCoding",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ] + benchLoopTargets.map { .target(name: $0.name) }),
        .testTarget(name: "LocksTests", dependencies: ["Locks"]),
        .testTarget(name: "FileReadingTests", dependencies: ["FileReading"]),
        .testTarget(name: "AccessControlTests", dependencies: ["AccessControl", "dense-fuzz"]),
        // What the tests of every bit spend their time in; optimised in debug builds too.
        .target(
            name: "DenseReference", dependencies: ["DenseEngine", "DenseKernelTable"], path: "Tests/DenseReference",
            swiftSettings: [.unsafeFlags(["-O"])]),
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        .testTarget(
            name: "DenseEngineTests",
            dependencies: [
                "CAllocationCount", "DenseEngine", "DenseKernelTable", "DenseKernelsBaseline", "DenseReference",
                "Locks",
            ]),
        .testTarget(name: "TensorCodingTests", dependencies: ["DenseEngine", "TensorCoding", "dense-fuzz"]),
        .testTarget(name: "GoldenTests", dependencies: ["DenseEngine", "TensorCoding"]),
        .testTarget(
            name: "ModelStoreTests",
            dependencies: [
                "ContentCoding", "DenseEngine", "FileReading", "Locks", "ModelStore", "TensorCoding", "dense-fuzz",
            ]),
        .target(name: "TestCertificates", dependencies: ["COpenSSL"], path: "Tests/TestCertificates"),
        .testTarget(
            name: "HTTPServerTests",
            dependencies: ["CNGHTTP2", "COpenSSL", "HTTPServer", "Locks", "TestCertificates", "dense-fuzz"]),
        // Some of its files are links to those that tests of HTTP/2 share.
        .testTarget(
            name: "GRPCTests",
            dependencies: [
                "AccessControl", "CNGHTTP2", "ContentCoding", "DenseEngine", "DenseService", "GRPCMessages", "GRPCWire",
                "HTTPServer", "Locks", "ModelStore", "TensorCoding", .product(name: "Logging", package: "swift-log"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        .testTarget(name: "ProtobufWireTests", dependencies: ["ProtobufWire"]),
        .testTarget(
            name: "GRPCWireTests",
            dependencies: [
                "GRPCMessages", "GRPCWire", "ProtobufWire", "dense-fuzz",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ]),
        .testTarget(name: "ContentCodingTests", dependencies: ["ContentCoding", "dense-fuzz"]),
        .testTarget(
            name: "DenseServiceTests",
            dependencies: [
                "AccessControl", "ContentCoding", "DenseEngine", "DenseService", "HTTPServer", "Locks", "ModelStore",
                "TensorCoding", "dense-fuzz", .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "DenseBenchTests",
            dependencies: [
                "CFloat64Reference", "DenseEngine", "DenseKernelTable", "DenseService", "HTTPServer", "Locks",
                "ModelStore", "TensorCoding", "dense-bench",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(
            name: "DenseServeTests",
            dependencies: [
                "AccessControl", "HTTPServer", "Locks", "TestCertificates", "dense-bench", "dense-serve",
                .product(name: "Logging", package: "swift-log"),
            ]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// One loop of settings, so that no Swift target can be forgotten.
let targetsInC = [
    "CAllocationCount", "CCPUID", "CEpoll", "CFloat64Reference", "CJSONReference", "CLoadPoll", "CLowPrecision",
    "CMalloc", "CNGHTTP2", "COpenSSL", "CSimdjson", "CVectors", "CZlib", "CZstd",
]
// What protoc writes says `nonisolated(unsafe)` where it may, and does not mark the uses.
let generatedTargets = ["GRPCMessages"]
for target in package.targets where !targetsInC.contains(target.name) {
    let safety: [SwiftSetting] = generatedTargets.contains(target.name) ? [] : [.strictMemorySafety()]
    target.swiftSettings =
        (target.swiftSettings ?? []) + safety + [
            .treatAllWarnings(as: .error),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InferIsolatedConformances"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .enableUpcomingFeature("ImmutableWeakCaptures"),
        ]
}
