internal import Glibc

/// A client of a soak: it comes again and again until the end.
protocol SoakVisitor: AnyObject {
    /// What it does, for messages.
    var name: String { get }
    /// Microseconds between two visits.
    var pause: Int { get }
    /// Does something once and counts it.
    func visit(_ tally: SoakTally)
    /// Ends the connection it has kept.
    func leave()
}

extension SoakVisitor {
    func leave() {}
}

/// What all of them have.
struct SoakPlace: Sendable {
    let address: LoadAddress
    let client: LoadClient

    /// What tells its clients apart in messages.
    var suffix: String { address.isSecure ? " over TLS" : "" }
}

/// Sends right requests over HTTP/1.1 and compares every answer. Every so often it takes a new connection.
final class HonestVisitor: SoakVisitor {
    let name: String
    let pause: Int
    private let place: SoakPlace
    private let requests: [LoadRequest]
    private let requestsPerConnection: Int
    private let decode: ([UInt8]) -> [UInt8]?
    private var connection: BlockingConnection?
    private var count = 0

    /// - Parameter decode: undoes the content coding of an answer.
    init(
        _ name: String, _ place: SoakPlace, _ requests: [LoadRequest], requestsPerConnection: Int, pause: Int,
        decode: @escaping ([UInt8]) -> [UInt8]? = { $0 }
    ) {
        self.name = name + place.suffix
        self.place = place
        self.requests = requests
        self.requestsPerConnection = requestsPerConnection
        self.pause = pause
        self.decode = decode
    }

    func visit(_ tally: SoakTally) {
        let request = requests[count % requests.count]
        count += 1
        do throws(LoadError) {
            let connection = if let connection { connection } else { try place.client.connect() }
            self.connection = nil
            connection.send(request.bytes)
            let (status, body, closes) = try connection.response()
            if !closes, !count.isMultiple(of: requestsPerConnection) { self.connection = connection }
            switch status {
            case 503: tally.refused()
            case 200..<300: judge(decode(body), of: request, tally)
            default: tally.failed(name, "status \(status) to \(request.name)")
            }
        } catch {
            tally.failed(name, error.description)
        }
    }

    func leave() { connection = nil }

    private func judge(_ body: [UInt8]?, of request: LoadRequest, _ tally: SoakTally) {
        guard let body else { return tally.failed(name, "an answer to \(request.name) that cannot be decompressed") }
        guard let fault = request.check?.fault(of: body) else { return tally.right() }
        tally.failed(name, fault.description)
    }
}

/// Sends right requests over HTTP/2, several at once, and compares every answer.
final class HonestHTTP2Visitor: SoakVisitor {
    let name: String
    let pause: Int
    private let place: SoakPlace
    private let requests: [HTTP2Client.Request]
    private let checks: [AnswerCheck]
    private var client: HTTP2Client?
    private var count = 0

    init(_ place: SoakPlace, _ models: [LoadModel], pause: Int) {
        name = "HTTP/2" + place.suffix
        self.place = place
        self.pause = pause
        requests = models.map { model in
            HTTP2Client.Request(
                target: "\(place.address.path)/dense?model=\(model.shape.model)",
                fields: [
                    ("content-type", TensorFormat.octets.mediaType),
                    ("x-tensor-shape", model.shape.input.map(String.init).joined(separator: ",")),
                ],
                body: model.body(as: .octets))
        }
        checks = models.map { AnswerCheck(expected: $0.output, format: .octets, strictness: .exact) }
    }

    func visit(_ tally: SoakTally) {
        count += 1
        // A server that stops says which requests it has not looked at. Another one is at the port by then.
        for _ in 0..<Self.attempts { if exchange(tally) { return } }
        tally.failed(name, "one server after the other did not look at the requests")
    }

    private static let attempts = 3

    /// False when the requests have to be sent again.
    private func exchange(_ tally: SoakTally) -> Bool {
        do throws(HTTP2Client.Failure) {
            let client = if let client { client } else { try connect() }
            self.client = nil
            for (body, check) in zip(try client.exchange(requests), checks) {
                if let fault = check.fault(of: body) {
                    tally.failed(name, fault.description)
                } else {
                    tally.right()
                }
            }
            if !client.isEnding, !count.isMultiple(of: 20) { self.client = client }
        } catch {
            switch error {
            case .refused: tally.refused()
            case .connection(let error): tally.failed(name, error.description)
            case .ended(let frame): tally.failed(name, "the server sent a frame of type \(frame) instead of an answer")
            case .notProcessed: return false
            }
        }
        return true
    }

    func leave() { client = nil }

    private func connect() throws(HTTP2Client.Failure) -> HTTP2Client {
        do throws(LoadError) {
            return HTTP2Client(try place.client.connect(protocols: ["h2"]), place.address)
        } catch {
            throw .connection(error)
        }
    }
}

/// Registers a model, calls it, and deletes it.
final class RegisteringVisitor: SoakVisitor {
    let name = "registration"
    let pause: Int
    private let place: SoakPlace
    private let model: LoadModel
    private let registration: [UInt8]
    private var count = 0

    init(_ place: SoakPlace, _ model: LoadModel, pause: Int) throws {
        self.place = place
        self.model = model
        self.pause = pause
        registration = try model.registration
    }

    func visit(_ tally: SoakTally) {
        count += 1
        let registered = "soak-\(place.address.scheme)-\(count % 10)"
        let target = "/models/\(registered)"
        let json = [(name: "Content-Type", value: "application/json")]
        let call = #"{"model":"\#(registered)","input":"#
        let body = Array(call.utf8) + model.inputText + Array("}".utf8)
        let check = AnswerCheck(expected: model.output, format: .json, strictness: .exact)
        let steps = [
            (LoadRequest("PUT", target, at: place.address, headers: json, body: registration), 200..<300),
            (LoadRequest("POST", "/dense", at: place.address, headers: json, body: body, check: check), 200..<201),
            (LoadRequest("DELETE", target, at: place.address, headers: [], body: []), 200..<300),
            (LoadRequest("POST", "/dense", at: place.address, headers: json, body: body), 404..<405),
        ]
        do throws(LoadError) {
            for (request, expected) in steps {
                let (status, body) = try place.client.send(request)
                if status == 503 { return tally.refused() }
                guard expected.contains(status) else {
                    return tally.failed(name, "status \(status) to \(request.name)")
                }
                if let fault = request.check?.fault(of: body) { return tally.failed(name, fault.description) }
            }
            tally.right()
        } catch {
            tally.failed(name, error.description)
        }
    }
}
