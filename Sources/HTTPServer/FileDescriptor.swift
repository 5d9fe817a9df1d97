import Glibc

/// An open file descriptor, closed when its owner is gone.
struct FileDescriptor: ~Copyable, Sendable {
    /// The number, for system calls; valid as long as this value lives.
    let number: Int32

    /// Takes over an open descriptor.
    init(owning number: Int32) {
        self.number = number
    }

    deinit {
        // Never again after an interruption: Linux has closed it by then.
        close(number)
    }
}
