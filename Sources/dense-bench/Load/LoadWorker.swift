internal import Glibc

/// A thread's part of a load: its connections, driven by one epoll. Belongs to the thread that runs it.
final class LoadWorker {
    /// Of the answers on a connection the first is compared with the right one, then every 16th.
    static let checkInterval = 16
    private static let sweepInterval = 50_000_000
    /// How long a connection that failed is left alone.
    private static let pause = 100_000_000
    /// How long there may be no connection at all until the server counts as gone.
    private static let patience = 2_000_000_000
    /// The request is laid out several times in a row, so that many leave in one call, up to this many bytes.
    private static let maximumCopies = 1 << 18

    private let plan: LoadPlan
    private let request: LoadRequest
    private let copies: [UInt8]
    private let address: LoadAddress
    private let socketAddress: SocketAddress
    private let control: LoadControl
    private let timeout: Int
    private let quota: Int

    private var poll: LoadPoll
    private let input = LoadInput()
    private let connections: [LoadConnection]
    private var ready: ReadyList
    /// Connections that wait for their next requests. These leave when all answers that have come are read: a server that
    /// is woken for each of them has less time for the others.
    private var idle: [Int] = []
    private var schedule: LoadSchedule?
    private var account: LoadAccount
    private var published = (answers: 0, errors: 0)
    private var inFlight = 0
    private var openCount = 0
    /// When a connection stood last, and why the last one that failed did.
    private var lastSign = LoadClock.now
    private var lastFailure: Int32 = 0

    init(
        _ plan: LoadPlan, thread index: Int, request: LoadRequest, address: LoadAddress, socketAddress: SocketAddress,
        control: LoadControl
    ) throws(LoadError) {
        self.plan = plan
        self.request = request
        let count = min(plan.pipeline, max(Self.maximumCopies / request.bytes.count, 1))
        copies = Array(repeatElement(request.bytes, count: count).joined())
        self.address = address
        self.socketAddress = socketAddress
        self.control = control
        timeout = nanoseconds(plan.timeout)
        quota = plan.requests.map { plan.share(of: $0, thread: index) } ?? .max
        account = LoadAccount(start: control.start, isOpenLoop: plan.rate != nil, request: request)
        poll = try LoadPoll()
        connections = (0..<plan.share(of: plan.connections, thread: index)).map {
            LoadConnection(index: $0, pipeline: plan.pipeline)
        }
        ready = ReadyList(capacity: connections.count)
        schedule = plan.rate.map {
            LoadSchedule(
                rate: $0, start: control.start - nanoseconds(plan.warmup), thread: index, of: plan.threads)
        }
    }

    // MARK: The loop

    /// Drives the server until the time, the count or somebody says stop.
    func run() -> LoadTally {
        // An open loop sends when it is time, not up to 50 µs later.
        if schedule != nil { LoadPoll.bePunctual() }
        var nextSweep = 0
        var lastMoment = Int.max
        while !control.isAborted, account.tally.failure == nil {
            let now = LoadClock.now
            if !account.isClosing, now >= control.end || control.isStopped || hasEnough {
                lastMoment = now + timeout
                stopSending(at: now)
            }
            if account.isClosing, inFlight == 0 || now >= lastMoment { break }
            if now >= nextSweep {
                sweep(now)
                nextSweep = now + Self.sweepInterval
            }
            if !account.isClosing { dispatch(until: now, at: now) }
            let events = poll.wait(nanoseconds: wakeUp(nextSweep) - LoadClock.now)
            for number in 0..<events { handle(poll.event(number)) }
            sendNext()
        }
        let now = LoadClock.now
        if !account.isClosing { account.end(at: min(now, control.end)) }
        if !control.isAborted { account.timedOut(inFlight, at: now) }
        publish()
        return account.tally
    }

    private var hasEnough: Bool { quota < .max && account.tally.answers + account.tally.errors >= quota }

    /// When to look up next, whatever the sockets do.
    private func wakeUp(_ nextSweep: Int) -> Int {
        guard !account.isClosing else { return nextSweep }
        var time = min(nextSweep, control.end)
        if let schedule, ready.count > 0 { time = min(time, schedule.next) }
        return time
    }

    /// Sends the requests that are due and that a connection is free for.
    private func dispatch(until time: Int, at now: Int) {
        while schedule != nil, let index = ready.removeFirst() {
            let connection = connections[index]
            connection.isListed = false
            guard connection.state == .open, !connection.inFlight.isFull else { continue }
            guard let due = schedule?.take(at: time) else { return list(connection) }
            send(on: connection, due: due, at: now)
            flush(connection)
            if connection.state == .open { list(connection) }
        }
    }

    /// No more requests from here on; the answers that are due are waited for.
    private func stopSending(at now: Int) {
        let end = min(now, control.end)
        dispatch(until: end, at: now)
        account.end(at: end)
        account.isClosing = true
        while let due = schedule?.take(at: end) { account.unsent(due: due, at: now) }
    }

    /// What is looked at now and then only.
    private func sweep(_ now: Int) {
        for connection in connections {
            switch connection.state {
            case .closed(let time): if time <= now, !account.isClosing { connect(connection, at: now) }
            case .connecting(let time):
                if now - time > timeout { refuse(connection, ETIMEDOUT, at: now) }
            case .open:
                if let oldest = connection.inFlight.oldest, now - oldest.sent > timeout {
                    account.timedOut(connection.inFlight.count, at: now)
                    close(connection, until: now)
                }
            }
        }
        publish()
        if openCount > 0 {
            lastSign = now
        } else if !account.isClosing, now - lastSign > Self.patience {
            account.fail(.unreachable(address: address.description, reason: systemReason(lastFailure)))
            control.stop()
        }
    }

    private func publish() {
        let (answers, errors) = (account.tally.answers, account.tally.errors)
        control.publish(answers: answers - published.answers, errors: errors - published.errors)
        published = (answers, errors)
    }

    // MARK: Connections

    private func connect(_ connection: LoadConnection, at now: Int) {
        let (socket, failure) = socketAddress.connect(blocking: false)
        guard socket >= 0 else { return refuse(connection, failure, at: now) }
        connection.adopt(socket, connecting: true, at: now)
        poll.add(socket, index: connection.index, writing: true)
    }

    private func refuse(_ connection: LoadConnection, _ code: Int32, at now: Int) {
        account.refused(at: now)
        lastFailure = code
        connection.reset(until: now + Self.pause)
    }

    private func close(_ connection: LoadConnection, until time: Int) {
        inFlight -= connection.inFlight.count
        openCount -= 1
        connection.reset(until: time)
    }

    /// A connection broke, and the requests on it are lost.
    private func lose(_ connection: LoadConnection, _ code: Int32, at now: Int) {
        account.lost(connection.inFlight.count, at: now)
        lastFailure = code
        close(connection, until: now + Self.pause)
    }

    private func handle(_ event: (index: Int, isReadable: Bool, isWritable: Bool)) {
        let connection = connections[event.index]
        switch connection.state {
        case .closed: break
        case .connecting:
            let now = LoadClock.now
            let failure = connection.connectionFailure
            guard failure == 0 else { return refuse(connection, failure, at: now) }
            connection.state = .open
            openCount += 1
            watchWriting(connection, false)
            refill(connection)
        case .open:
            if event.isWritable, connection.watchesWriting { flush(connection) }
            if event.isReadable { receive(connection) }
        }
    }

    private func watchWriting(_ connection: LoadConnection, _ watches: Bool) {
        guard connection.watchesWriting != watches else { return }
        connection.watchesWriting = watches
        poll.modify(connection.socket, index: connection.index, writing: watches)
    }

    // MARK: Requests and answers

    private func send(on connection: LoadConnection, due: Int, at now: Int) {
        connection.append(due: due, now: now, size: request.bytes.count)
        inFlight += 1
    }

    /// Has a connection with room take its next requests.
    private func refill(_ connection: LoadConnection) {
        guard !account.isClosing else { return }
        if schedule != nil { return list(connection) }
        guard !connection.isListed else { return }
        connection.isListed = true
        idle.append(connection.index)
    }

    /// Sends what a closed loop sends next.
    private func sendNext() {
        guard !idle.isEmpty else { return }
        for index in idle {
            let connection = connections[index]
            connection.isListed = false
            guard connection.state == .open, !account.isClosing else { continue }
            let now = LoadClock.now
            while !connection.inFlight.isFull { send(on: connection, due: now, at: now) }
            flush(connection)
        }
        idle.removeAll(keepingCapacity: true)
    }

    private func list(_ connection: LoadConnection) {
        guard !connection.isListed, !connection.inFlight.isFull else { return }
        connection.isListed = true
        ready.append(connection.index)
    }

    private func flush(_ connection: LoadConnection) {
        switch connection.flush(copies, size: request.bytes.count) {
        case .done: watchWriting(connection, false)
        case .blocked: watchWriting(connection, true)
        case .failed:
            // What the server said before it closed is still there to be read.
            watchWriting(connection, false)
            receive(connection)
            if connection.state == .open { lose(connection, EPIPE, at: LoadClock.now) }
        }
    }

    /// Receives and reads what is there.
    private func receive(_ connection: LoadConnection) {
        while connection.state == .open {
            switch input.receive(from: connection.socket, behind: connection.rest) {
            case .received(let count, let mayHaveMore):
                account.received(count, at: LoadClock.now)
                read(connection)
                if !mayHaveMore { return }
            case .blocked: return
            case .ended:
                let now = LoadClock.now
                if (try? connection.reader.finish()) == .end { complete(connection, at: now) }
                if connection.state == .open { lose(connection, ECONNRESET, at: now) }
            case .failed: lose(connection, errno, at: LoadClock.now)
            }
        }
    }

    /// Takes apart what was received.
    private func read(_ connection: LoadConnection) {
        do throws(ResponseError) {
            try input.withBytes { (bytes) throws(ResponseError) in
                var position = 0
                while let event = try connection.reader.next(bytes, &position) {
                    switch event {
                    case .head(let status): begin(connection, status)
                    case .body(let range):
                        guard connection.keepsBody else { continue }
                        unsafe bytes.extracting(range).withUnsafeBufferPointer {
                            unsafe connection.body.append(contentsOf: $0)
                        }
                    case .end:
                        complete(connection, at: LoadClock.now)
                        if connection.state != .open { return }
                    }
                }
                connection.rest.removeAll(keepingCapacity: true)
                guard position < bytes.count else { return }
                unsafe bytes.extracting(position..<bytes.count).withUnsafeBufferPointer {
                    unsafe connection.rest.append(contentsOf: $0)
                }
            }
        } catch {
            account.fail(.noHTTP(address: address.description, error))
            control.stop()
        }
    }

    private func begin(_ connection: LoadConnection, _ status: Int) {
        connection.status = status
        guard request.check != nil, (200..<300).contains(status) else { return }
        connection.keepsBody = connection.unchecked >= Self.checkInterval
        connection.unchecked = connection.keepsBody ? 1 : connection.unchecked + 1
    }

    /// An answer is whole.
    private func complete(_ connection: LoadConnection, at now: Int) {
        guard let times = connection.takeOldest() else {
            // An answer that nobody asked for, as to a connection that is one too many.
            account.unasked(status: connection.status, at: now)
            return close(connection, until: now + Self.pause)
        }
        inFlight -= 1
        account.answer(to: times, status: connection.status, at: now)
        if connection.keepsBody {
            account.compare(connection.body)
            connection.keepsBody = false
            connection.body.removeAll(keepingCapacity: true)
        }
        guard connection.reader.closes else { return refill(connection) }
        account.lost(connection.inFlight.count, at: now)
        let isGood = (200..<300).contains(connection.status)
        close(connection, until: isGood ? now : now + Self.pause)
        if isGood, !account.isClosing { connect(connection, at: now) }
    }
}
