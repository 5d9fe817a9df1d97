/// An exchange whose answer was written into the output, and what is needed to report it.
struct FinishedExchange {
    var head: HTTPRequestHead?
    var status: Int
    var innerStatus: Int?
    /// As `HTTPResponse.turnsAway`.
    var turnsAway = false
    var bytesReceived: Int
    var bytesSent: Int
    /// When the request's first byte arrived, in nanoseconds of the monotonic clock.
    var start: UInt64
    var id: RequestID
    /// What the handler calls the client.
    var client: String?

    /// The record of it; `status` replaces the answer's when that was never sent.
    func record(remoteAddress: String, now: UInt64, status: Int? = nil) -> ExchangeRecord {
        ExchangeRecord(
            head: head, status: status ?? self.status, innerStatus: status == nil ? innerStatus : nil,
            bytesReceived: bytesReceived, bytesSent: bytesSent,
            durationNanoseconds: Int(clamping: now &- min(start, now)), remoteAddress: remoteAddress,
            client: client, id: id)
    }
}
