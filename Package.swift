// swift-tools-version: 6.2

import PackageDescription

/// The kernels are one source folder, compiled once for each instruction set: `Sources/DenseKernels*/` hold symbolic
/// links to the same files, because SwiftPM refuses targets whose paths overlap. They are optimised in debug builds
/// too, since an interpreter-speed matmul would make the tests useless.
func kernels(_ name: String, march: String?, define: String) -> Target {
    let machine = march.map { ["-Xcc", "-march=\($0)"] } ?? []
    return .target(
        name: name, dependencies: ["DenseKernelTable"],
        swiftSettings: [.unsafeFlags(["-O"] + machine), .define(define)])
}

#if arch(x86_64)
let kernelTargets = [
    kernels("DenseKernelsAVX2", march: "x86-64-v3", define: "KERNELS_AVX2"),
    kernels("DenseKernelsAVX512", march: "x86-64-v4", define: "KERNELS_AVX512"),
]
#else
let kernelTargets = [kernels("DenseKernelsBaseline", march: nil, define: "KERNELS_BASELINE")]
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
    ],
    targets: kernelTargets + [
        .target(name: "CCPUID"),
        .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
        .target(name: "DenseKernelTable"),
        .target(name: "Locks"),
        .target(
            name: "DenseEngine",
            dependencies: ["CCPUID", "DenseKernelTable", "Locks"] + kernelTargets.map { .target(name: $0.name) }),
        .target(name: "TensorCoding", dependencies: ["DenseEngine", "CSimdjson", "Locks"]),
        .target(
            name: "ModelStore",
            dependencies: [
                "DenseEngine", "Locks", "TensorCoding", .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .systemLibrary(name: "CEpoll"),
        .target(name: "HTTPServer", dependencies: ["CEpoll", "Locks"]),
        .target(
            name: "DenseService",
            dependencies: [
                "DenseEngine", "HTTPServer", "Locks", "ModelStore", "TensorCoding",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(
            name: "dense-serve",
            dependencies: [
                "DenseEngine", "DenseService", "HTTPServer", "Locks", "ModelStore", "TensorCoding",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
            ]),
        .executableTarget(name: "dense-fuzz", dependencies: ["DenseEngine", "HTTPServer", "TensorCoding"]),
        .testTarget(name: "LocksTests", dependencies: ["Locks"]),
        .testTarget(name: "DenseEngineTests", dependencies: ["DenseEngine", "DenseKernelTable", "Locks"]),
        .testTarget(name: "TensorCodingTests", dependencies: ["DenseEngine", "TensorCoding", "dense-fuzz"]),
        .testTarget(name: "GoldenTests", dependencies: ["DenseEngine", "TensorCoding"]),
        .testTarget(name: "ModelStoreTests", dependencies: ["DenseEngine", "Locks", "ModelStore", "TensorCoding"]),
        .testTarget(name: "HTTPServerTests", dependencies: ["HTTPServer", "Locks", "dense-fuzz"]),
        .testTarget(
            name: "DenseServiceTests",
            dependencies: [
                "DenseEngine", "DenseService", "HTTPServer", "ModelStore", "TensorCoding",
                .product(name: "Logging", package: "swift-log"),
            ]),
        .testTarget(name: "DenseServeTests", dependencies: ["Locks", "dense-serve"]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)

// One loop of settings, so that no Swift target can be forgotten.
for target in package.targets where !["CCPUID", "CEpoll", "CSimdjson"].contains(target.name) {
    target.swiftSettings =
        (target.swiftSettings ?? []) + [
            .strictMemorySafety(),
            .treatAllWarnings(as: .error),
            .enableUpcomingFeature("ExistentialAny"),
            .enableUpcomingFeature("InternalImportsByDefault"),
            .enableUpcomingFeature("MemberImportVisibility"),
            .enableUpcomingFeature("InferIsolatedConformances"),
            .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
            .enableUpcomingFeature("ImmutableWeakCaptures"),
        ]
}
