internal import FoundationEssentials
internal import GRPCMessages
internal import GRPCWire
internal import HTTPServer
internal import Locks
internal import SwiftProtobuf

/// What reflection can be asked for: the files that describe the services, by name and by what they define.
struct GRPCDescriptors: Sendable {
    static let shared = GRPCDescriptors()

    private struct File: Sendable {
        var bytes: [UInt8]
        var dependencies: [String]
    }

    private var files: [String: File] = [:]
    /// Where a service, a method, a message, an enumeration or a field of one is defined, by its full name.
    private var places: [String: String] = [:]

    private init() {
        guard let data = Data(base64Encoded: FileDescriptors.base64),
            let set = try? Google_Protobuf_FileDescriptorSet(serializedBytes: data)
        else { return }
        for file in set.file {
            guard let bytes = try? file.serializedBytes() as [UInt8] else { continue }
            files[file.name] = File(bytes: bytes, dependencies: file.dependency)
            let package = file.package.isEmpty ? "" : file.package + "."
            for service in file.service {
                places[package + service.name] = file.name
                for method in service.method { places[package + service.name + "." + method.name] = file.name }
            }
            for message in file.messageType { add(message, in: package, file.name) }
            for enumeration in file.enumType { places[package + enumeration.name] = file.name }
        }
    }

    private mutating func add(_ message: Google_Protobuf_DescriptorProto, in scope: String, _ file: String) {
        let name = scope + message.name
        places[name] = file
        for field in message.field { places[name + "." + field.name] = file }
        for enumeration in message.enumType { places[name + "." + enumeration.name] = file }
        for inner in message.nestedType { add(inner, in: name + ".", file) }
    }

    /// A file and all that it needs, itself first; nil if there is none of this name.
    func file(named name: String) -> [[UInt8]]? {
        guard files[name] != nil else { return nil }
        var names = [name]
        var next = 0
        while next < names.count {
            for dependency in files[names[next]]?.dependencies ?? [] where !names.contains(dependency) {
                names.append(dependency)
            }
            next += 1
        }
        return names.compactMap { files[$0]?.bytes }
    }

    func file(defining symbol: String) -> [[UInt8]]? { places[symbol].flatMap(file(named:)) }
}

/// A call of `ServerReflectionInfo`, in both versions of it, whose messages are the same on the wire.
final class GRPCReflectionCall: GRPCStreamCall {
    private let limit: Int
    private let answer = Lock<GRPCStreamAnswer?>(nil)

    /// - Parameter limit: how long a request may be.
    init(limit: Int) { self.limit = limit }

    func begin(_ answer: GRPCStreamAnswer, _ messages: GRPCStreamHandler) { self.answer.withLock { $0 = answer } }

    var mayReceive: Bool { answer.withLock { $0?.hasRoom ?? false } }

    func receive(_ message: GRPCMessage, held: Int) {
        guard let answer = answer.withLock({ $0 }) else { return }
        do throws(APIError) {
            let plain = try message.plain(limit: limit)
            let request = try GRPCProtobuf.decode(Grpc_Reflection_V1_ServerReflectionRequest.self, plain)
            answer.send(try GRPCProtobuf.framed(Self.response(to: request)))
        } catch { answer.end(GRPCStatus(error)) }
        answer.stream.release(held)
    }

    func receiveEnd() { answer.withLock { $0 }?.end(.ok) }
    func drain() { answer.withLock { $0 }?.end(GRPCStatus(GRPCCallError.draining)) }

    private static func response(
        to request: Grpc_Reflection_V1_ServerReflectionRequest
    ) -> Grpc_Reflection_V1_ServerReflectionResponse {
        var response = Grpc_Reflection_V1_ServerReflectionResponse()
        response.validHost = request.host
        response.originalRequest = request
        switch request.messageRequest {
        case .listServices:
            response.listServicesResponse.service = GRPCMethod.services.map { name in .with { $0.name = name } }
        case .fileByFilename(let name): set(&response, GRPCDescriptors.shared.file(named: name), name)
        case .fileContainingSymbol(let name): set(&response, GRPCDescriptors.shared.file(defining: name), name)
        case .fileContainingExtension(let request): set(&response, nil, request.containingType)
        case .allExtensionNumbersOfType(let name): set(&response, nil, name)
        case nil: fail(&response, .invalidArgument, "The request asks for nothing.")
        }
        return response
    }

    private static func set(
        _ response: inout Grpc_Reflection_V1_ServerReflectionResponse, _ files: [[UInt8]]?, _ name: String
    ) {
        guard let files else { return fail(&response, .notFound, "There is no '\(name.prefix(200))' here.") }
        response.fileDescriptorResponse.fileDescriptorProto = files.map { Data($0) }
    }

    private static func fail(
        _ response: inout Grpc_Reflection_V1_ServerReflectionResponse, _ code: GRPCCode, _ text: String
    ) {
        response.errorResponse.errorCode = Int32(code.rawValue)
        response.errorResponse.errorMessage = text
    }
}
