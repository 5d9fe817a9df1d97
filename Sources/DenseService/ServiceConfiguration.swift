package import DenseEngine
internal import Logging

/// What the service may be told about its limits and itself.
package struct ServiceConfiguration: Sendable {
    /// How long a request may wait for its computation to begin, in milliseconds (504). A client can ask for less with
    /// `X-Request-Timeout-Ms`.
    package var requestTimeout = 60_000

    /// The most memory one request's tensors and texts may take, in bytes (422): what the worker queue holds at most,
    /// since a request above that could never be accepted.
    package var maximumRequestBytes = 1 << 30

    /// How requests for one model are computed together, where the model has nothing of its own to say.
    package var batching = BatchLimits()

    /// Whether answers of `/dense` tell where their time went: `Server-Timing`, `Dense-Batch`.
    package var sendsTiming = true

    /// The longest body once its content codings are undone, in bytes (413).
    package var maximumBodyBytes = 64 << 20

    /// The smallest answer that is compressed for a client that accepts it, in bytes.
    package var compressMinimumBytes = 2_048

    /// Whether `NaN`, `Infinity` and `-Infinity` are read as numbers in JSON.
    package var allowsNonFiniteJSON = false

    /// The folder that models are loaded from when a client asks for one by name; nil for none.
    package var modelFolder: String?

    /// The model of requests that name none, as some hosts send them; nil for the only one there is.
    package var defaultModel: String?

    /// Further paths, chosen by a host.
    package var aliases = RouteAliases.none

    /// What is logged, for clients to read and change.
    package var logging = LogControl(.info)

    /// The server's version, as metrics, `GET /` and the OpenAPI document tell it.
    package var version = "0.0.0"

    package init() {}
}
