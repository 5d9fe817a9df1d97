internal import DenseEngine
internal import Dispatch
internal import HTTPServer
internal import ModelStore

extension Service {
    /// Builds what a client registers, on the worker whose thread this is, and stores it: where that has to wait for a disk on a
    /// queue of its own, so that no worker stands still meanwhile.
    ///
    /// - Parameters:
    ///   - bytes: of the body that it is built of.
    ///   - finish: is told what came of it, once.
    func register<Built: Sendable>(
        bytes: Int, build: () throws(APIError) -> Built,
        store: @escaping @Sendable (Built) throws(APIError) -> HTTPResponse,
        finish: @escaping @Sendable (Result<HTTPResponse, APIError>) -> Void
    ) {
        // The text's index, four bytes a byte at most; its tensors, a float for every two bytes, and their packed copy, or
        // what is written of them. Other files are bounded in the same way.
        let needed = Self.bytes(bytes, times: 8)
        do throws(APIError) {
            try requireBounded(bytes: needed)
            try api { () throws(EngineError) in try workers.hold(bytes: needed) }
        } catch { return finish(.failure(error)) }
        let built: Built
        do throws(APIError) { built = try build() } catch {
            workers.release(bytes: needed)
            return finish(.failure(error))
        }
        guard models.isStored else {
            workers.release(bytes: needed)
            return finish(Result { () throws(APIError) in try store(built) })
        }
        registrations.async { [self] in
            finish(Result { () throws(APIError) in try store(built) })
            workers.release(bytes: needed)
        }
    }
}
