import Glibc

/// How many files and sockets the process may have open.
enum DescriptorLimit {
    /// What is left for all that is no connection that is served: listeners, loops, files, and connections that are only told
    /// that there are too many.
    private static let reserve = 256 + 64

    /// Raises the limit as far as the system allows. Returns it.
    static func raise() -> Int {
        var limit = rlimit()
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        if limit.rlim_cur < limit.rlim_max {
            var raised = limit
            raised.rlim_cur = limit.rlim_max
            if unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { limit = raised }
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// The most connections that may be open under a limit: beyond them clients are answered with 503, while those beyond
    /// the limit itself would have to wait for an answer.
    static func connections(_ descriptors: Int) -> Int { max(1, descriptors - min(reserve, descriptors / 2)) }
}
