internal import FileReading
import Glibc
internal import Locks

/// What new TLS connections begin with. It is made of files, and made again when they change; connections that have begun
/// go on with what they began with.
package final class TLSContexts: Sendable {
    private struct State: Sendable {
        var context: OpenSSLContext
        /// The files as they were when they were last read, whether or not they could be used.
        var stamps: [FileIdentity?]
        /// The files as they were when they were last looked at and were others.
        var changing: [FileIdentity?]?
        var ticketKeys: [UInt8]
        var ticketKeysMade: UInt64
    }

    /// Whoever learns the keys of the tickets can read what was sent over TLS 1.2 while they were in use.
    private static let ticketKeysLifetime: UInt64 = 24 * 3_600 * 1_000_000_000

    /// What it is made of.
    package let configuration: TLSConfiguration
    let counters = TLSCounters()
    private let state: Lock<State>

    /// Reads the files.
    package init(_ configuration: TLSConfiguration) throws(TLSError) {
        self.configuration = configuration
        let stamps = configuration.files.map { FileIdentity($0) }
        let keys = try OpenSSL.randomBytes(OpenSSLContext.ticketKeyCount)
        let context = try OpenSSLContext(server: TLSContents(configuration), ticketKeys: keys)
        state = Lock(
            State(
                context: context, stamps: stamps, changing: nil, ticketKeys: keys, ticketKeysMade: LoopState.clock()))
    }

    /// What a connection that begins now begins with.
    var current: OpenSSLContext { state.withLock { $0.context } }

    // MARK: Reading again

    /// Reads the files again. What cannot be used changes nothing.
    package func reload() throws(TLSError) {
        let stamps = configuration.files.map { FileIdentity($0) }
        state.withLock { state in
            state.stamps = stamps
            state.changing = nil
        }
        do throws(TLSError) {
            try read(stamps)
            counters.reloads.add(1)
        } catch {
            counters.failedReloads.add(1)
            throw error
        }
    }

    private func read(_ stamps: [FileIdentity?]) throws(TLSError) {
        var (keys, made) = state.withLock { ($0.ticketKeys, $0.ticketKeysMade) }
        let now = LoopState.clock()
        if now &- made >= Self.ticketKeysLifetime {
            (keys, made) = (try OpenSSL.randomBytes(OpenSSLContext.ticketKeyCount), now)
        }
        let context = try OpenSSLContext(server: TLSContents(configuration), ticketKeys: keys)
        state.withLock { state in
            state.context = context
            state.ticketKeys = keys
            state.ticketKeysMade = made
        }
    }

    /// Whether the files should be read again: they have changed since, and not since the last call, so that whoever writes
    /// them has likely finished; or the keys of the tickets have been used for long enough.
    package func shouldReload() -> Bool {
        let now = configuration.files.map { FileIdentity($0) }
        let time = LoopState.clock()
        return state.withLock { state in
            if time &- state.ticketKeysMade >= Self.ticketKeysLifetime { return true }
            if now == state.stamps {
                state.changing = nil
                return false
            }
            defer { state.changing = now }
            return state.changing == now
        }
    }

    // MARK: Facts

    /// The subject of the server's certificate.
    package var subject: String { current.certificate?.subject ?? "" }

    /// Until when the certificate is valid, in seconds since 1970.
    package var validUntil: Int { current.certificate?.validUntil ?? 0 }

    /// What the operator should know of the files in use, a sentence each.
    package var warnings: [String] {
        var warnings: [String] = []
        let now = time(nil)
        if let facts = current.certificate {
            if facts.validUntil < now {
                warnings.append(
                    "The certificate in \(configuration.certificate) has expired. Expected one that is valid now, received "
                        + "one that ended \((now - facts.validUntil) / 86_400) days ago.")
            } else if facts.validFrom > now {
                warnings.append(
                    "The certificate in \(configuration.certificate) is not valid yet. Expected one that is valid now, "
                        + "received one that begins in \((facts.validFrom - now) / 86_400) days.")
            }
        }
        if FileIdentity(configuration.key)?.isReadableByOthers == true {
            warnings.append(
                "Everybody on this machine can read the private key in \(configuration.key). Expected a file for its owner "
                    + "alone (chmod 600), received one that others can read.")
        }
        return warnings
    }

    /// What has been counted.
    var counts: TLSCounts { counters.counts(validUntil: validUntil) }
}
