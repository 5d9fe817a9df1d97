internal import FileReading

/// What the files of a configuration hold, each read once, so that all of it is of one time.
struct TLSContents: Sendable {
    let configuration: TLSConfiguration
    let certificate: [UInt8]
    let key: [UInt8]
    let clientAuthorities: [UInt8]?

    /// Reads the files.
    init(_ configuration: TLSConfiguration) throws(TLSError) {
        self.configuration = configuration
        certificate = try Self.read(configuration.certificate)
        key = configuration.key == configuration.certificate ? certificate : try Self.read(configuration.key)
        guard configuration.clientCertificates != .none else {
            clientAuthorities = nil
            return
        }
        guard let file = configuration.clientAuthorities else { throw .noClientAuthorities }
        clientAuthorities = try Self.read(file)
    }

    /// What sessions have in common that may be continued: a client that was checked by other rules is checked again.
    var sessionScope: [UInt8] {
        OpenSSL.digest(Array(configuration.clientCertificates.rawValue.utf8) + [0] + (clientAuthorities ?? []))
    }

    private static func read(_ file: String) throws(TLSError) -> [UInt8] {
        do throws(FileError) { return try WholeFile.read(file) } catch {
            throw .unreadable(file: file, errno: error.code)
        }
    }
}
