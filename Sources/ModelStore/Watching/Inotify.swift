internal import Glibc

/// The kernel's word on what happens in folders (inotify(7)). Owned by one thread.
final class Inotify {
    /// Something happened to a name in a folder, or to the folder itself when the name is empty.
    struct Event: Hashable {
        /// What was watched.
        let folder: String
        let name: String
        /// Whether somebody writes to the file.
        let isWriting: Bool
        /// Whether whoever wrote to it has closed it, or it came or went as a whole.
        let isWhole: Bool
    }

    /// What stands before an event's name: the watch, what happened, a number that joins events, the name's length.
    private static let headSize = 16

    private let descriptor: Int32
    private var paths: [Int32: String] = [:]

    private static let whole = UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE)
    private static let itself = UInt32(IN_DELETE_SELF | IN_MOVE_SELF)
    private static let wanted = whole | itself | UInt32(IN_MODIFY | IN_CREATE | IN_ATTRIB | IN_ONLYDIR)

    /// Nil where the system has no more of them; then only looking again helps.
    init?() {
        // IN_CLOEXEC and IN_NONBLOCK, which are O_CLOEXEC and O_NONBLOCK.
        descriptor = inotify_init1(O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0 { return nil }
    }

    deinit { close(descriptor) }

    /// Watches these folders and no others. Those that cannot be watched are left out.
    func watch(_ folders: Set<String>) {
        for (watch, path) in paths where !folders.contains(path) {
            inotify_rm_watch(descriptor, watch)
            paths[watch] = nil
        }
        // One that is watched already gives its number again, and another folder at the same path a new one.
        for path in folders {
            let watch = unsafe inotify_add_watch(descriptor, path, Self.wanted)
            guard watch >= 0 else { continue }
            for (old, other) in paths where other == path && old != watch {
                inotify_rm_watch(descriptor, old)
                paths[old] = nil
            }
            paths[watch] = path
        }
    }

    /// Waits for something to happen or for another descriptor to be readable, so many milliseconds at most.
    func wait(or other: Int32, milliseconds: Int) {
        var descriptors = [
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
            pollfd(fd: other, events: Int16(POLLIN), revents: 0),
        ]
        unsafe poll(&descriptors, 2, Int32(clamping: milliseconds))
    }

    /// What has happened since the last call; nil when so much did that some of it was lost.
    func events() -> [Event]? {
        var events: [Event] = []
        var isComplete = true
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        while true {
            let count = unsafe read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return isComplete ? events : nil }
            isComplete = parse(buffer[..<count], &events) && isComplete
        }
    }

    /// Returns whether nothing was lost.
    private func parse(_ bytes: ArraySlice<UInt8>, _ events: inout [Event]) -> Bool {
        var rest = bytes
        while rest.count >= Self.headSize {
            let (watch, mask, length) = unsafe rest.withUnsafeBytes { head in
                unsafe (
                    head.loadUnaligned(as: Int32.self), head.loadUnaligned(fromByteOffset: 4, as: UInt32.self),
                    head.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
                )
            }
            guard mask & UInt32(IN_Q_OVERFLOW) == 0 else { return false }
            let end = min(rest.count, Self.headSize + Int(length))
            let name = rest.dropFirst(Self.headSize).prefix(end - Self.headSize).prefix { $0 != 0 }
            if let folder = paths[watch] {
                if mask & UInt32(IN_IGNORED) != 0 { paths[watch] = nil }
                events.append(
                    Event(
                        folder: folder, name: String(decoding: name, as: UTF8.self),
                        isWriting: mask & UInt32(IN_MODIFY) != 0, isWhole: mask & Self.whole != 0))
            }
            rest = rest.dropFirst(end)
        }
        return true
    }
}
