import Glibc

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
        let descriptor: FileDescriptor
        switch SystemCallResult.of({ Int(unsafe open(file, O_RDONLY | O_CLOEXEC)) }) {
        case .value(let number): descriptor = FileDescriptor(owning: Int32(number))
        case .failed(let code): throw .unreadable(file: file, errno: code)
        }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let number = descriptor.number
            switch SystemCallResult.of({ unsafe Glibc.read(number, &chunk, chunk.count) }) {
            case .value(0): return bytes
            case .value(let count): bytes += chunk[..<count]
            case .failed(let code): throw .unreadable(file: file, errno: code)
            }
        }
    }
}

/// By what a change of a file is seen without reading it.
struct FileStamp: Hashable, Sendable {
    private let device: UInt
    private let inode: UInt
    private let size: Int
    private let seconds: Int
    private let nanoseconds: Int
    /// Whether everybody on the machine may read the file.
    let isReadableByOthers: Bool

    /// Nil when there is no such file now.
    init?(_ file: String) {
        var status = stat()
        guard unsafe stat(file, &status) == 0 else { return nil }
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
        size = Int(status.st_size)
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
        isReadableByOthers = status.st_mode & S_IROTH != 0
    }
}
