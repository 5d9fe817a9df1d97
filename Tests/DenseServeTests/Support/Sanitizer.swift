import Glibc

/// Which sanitizer these tests, and the programs beside them, were built with.
enum Sanitizer {
    /// It keeps what is freed for a while, a quarter of a gigabyte by default.
    static let isAddress = unsafe dlsym(nil, "__asan_init") != nil
    static let isThread = unsafe dlsym(nil, "__tsan_init") != nil
}
