import DenseEngine
package import DenseService
package import HTTPServer
package import Logging

/// What the settings mean to the parts of the server.
extension ServerSettings {
    /// What the sockets need.
    package var http: ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.host = host.isEmpty ? nil : host
        configuration.port = UInt16(port)
        configuration.morePorts = grpcPort == 0 ? [] : [UInt16(grpcPort)]
        configuration.speaksClearText = !tlsOnly
        configuration.tlsPort = UInt16(tlsPort)
        configuration.unixSocket = unixSocket.isEmpty ? nil : unixSocket
        configuration.reusePort = reusePort
        configuration.loops = loops == 0 ? CoreCount.available : loops
        configuration.maxBodyBytes = maxBodyBytes
        configuration.maxHeadBytes = maxHeadBytes
        configuration.maxTargetBytes = maxTargetBytes
        configuration.maxConnections = maxConnections
        configuration.maxConnectionsPerAddress = maxConnectionsPerAddress
        configuration.maxBufferBytes = maxBufferBytes
        configuration.maxRefusalRate = maxRefusalRate
        configuration.http2 = http2
        configuration.maxConcurrentStreams = maxConcurrentStreams
        configuration.maxConnectionBytes = maxConnectionBytes
        configuration.headTimeout = headTimeout
        configuration.bodyTimeout = bodyTimeout
        configuration.minBodyRate = minBodyRate
        configuration.sendTimeout = sendTimeout
        configuration.minSendRate = minSendRate
        configuration.idleTimeout = idleTimeout
        configuration.farewellTimeout = farewellTimeout
        return configuration
    }

    /// What HTTPS needs; nil without a certificate.
    package var tls: TLSConfiguration? {
        guard !tlsCertificate.isEmpty else { return nil }
        var configuration = TLSConfiguration(certificate: tlsCertificate, key: tlsKey.isEmpty ? nil : tlsKey)
        configuration.clientAuthorities = tlsClientCA.isEmpty ? nil : tlsClientCA
        configuration.clientCertificates = .init(rawValue: tlsClientCertificates) ?? .none
        configuration.minimumVersion = .init(rawValue: tlsMinVersion) ?? .tls12
        configuration.http2 = http2
        return configuration
    }

    /// What answering needs.
    package var service: ServiceConfiguration {
        var configuration = ServiceConfiguration()
        configuration.requestTimeout = requestTimeout
        configuration.maximumRequestBytes = maxQueueBytes
        configuration.batching = BatchLimits(maximumRows: maxBatchRows, maximumDelay: maxQueueDelay)
        configuration.sendsTiming = timingHeaders
        configuration.maximumBodyBytes = maxBodyBytes
        configuration.compressMinimumBytes = compressMinBytes
        configuration.allowsNonFiniteJSON = allowNonFiniteJSON
        configuration.modelFolder = ModelSource(self).path
        configuration.defaultModel = modelName.isEmpty ? nil : modelName
        configuration.aliases = RouteAliases(health: healthRoute, predict: predictRoute)
        configuration.version = DenseServe.version
        return configuration
    }

    /// Requests computed at once.
    package var workerCount: Int { workers == 0 ? CoreCount.available : workers }

    package var level: Logger.Level { Logger.Level(rawValue: logLevel) ?? .info }

    /// How the log is written to a file descriptor.
    package func format(descriptor: Int32) -> LogFormat {
        let text = logFormat == "text" || logFormat == "auto" && Terminal.isTerminal(descriptor)
        return text ? .text(colour: Terminal.hasColour(descriptor)) : .json
    }
}
