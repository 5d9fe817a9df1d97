import FileReading
import FoundationEssentials
import Glibc
import Testing

@Suite("Reading files")
struct FileReadingTests {
    /// A folder of its own for each test, removed afterwards.
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "files-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.path)
    }

    private func bytes(_ count: Int) -> [UInt8] { (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) } }

    private func write(_ bytes: [UInt8], to path: String) throws { try Data(bytes).write(to: URL(filePath: path)) }

    // MARK: Whole files

    @Test("a file is read whole, and how far that is goes up to 1", arguments: [0, 1, 4_095, 4_096, 4_097, 200_000])
    func whole(count: Int) throws {
        try withFolder { folder in
            try write(bytes(count), to: folder + "/a")
            var parts: [Double] = []
            #expect(try WholeFile.read(folder + "/a", progress: { parts.append($0) }) == bytes(count))
            #expect(parts.last == (count == 0 ? nil : 1))
            #expect(parts == parts.sorted())
        }
    }

    @Test("what has no size is read to its end or the limit, too: /proc and pipes", arguments: [Int.max, 5_000])
    func withoutSize(limit: Int) throws {
        let status = try WholeFile.read("/proc/self/status")
        #expect(String(decoding: status, as: UTF8.self).hasPrefix("Name:"))
        var ends: [Int32] = [-1, -1]
        try #require(unsafe pipe(&ends) == 0)
        defer { close(ends[0]) }
        let sent = bytes(10_000)
        #expect(unsafe Glibc.write(ends[1], sent, sent.count) == sent.count)
        close(ends[1])
        #expect(try WholeFile.read(ends[0], "-", atMost: limit) == Array(sent.prefix(limit)))
    }

    @Test("no more is read than asked for", arguments: [0, 1, 99, 100, 101, 5_000])
    func limit(most: Int) throws {
        try withFolder { folder in
            try write(bytes(100), to: folder + "/a")
            let descriptor = unsafe open(folder + "/a", O_RDONLY | O_CLOEXEC)
            defer { close(descriptor) }
            #expect(try WholeFile.read(descriptor, "a", atMost: most) == bytes(min(most, 100)))
        }
    }

    @Test("what cannot be read is named, with the call and the system's words")
    func failures() {
        do throws(FileError) {
            _ = try WholeFile.read("/nonexistent/file")
            Issue.record("It was read.")
        } catch {
            #expect(error.code == ENOENT)
            #expect(error.description == "open of /nonexistent/file failed: No such file or directory.")
        }
        do throws(FileError) {
            _ = try WholeFile.read("/")
            Issue.record("It was read.")
        } catch { #expect(error.description == "read of / failed: Is a directory.") }
        #expect(throws: FileError.self) { try Folder.names(in: "/nonexistent") }
    }

    // MARK: Folders

    @Test("a folder's names are all but itself and the one above")
    func names() throws {
        try withFolder { folder in
            #expect(try Folder.names(in: folder) == [])
            for name in ["b", ".a", "ü"] { try write([], to: "\(folder)/\(name)") }
            #expect(try Folder.names(in: folder).sorted() == [".a", "b", "ü"])
        }
    }

    // MARK: Identity

    @Test("a file is another one when it was written, replaced or given to others, and the same else")
    func identity() throws {
        try withFolder { folder in
            let path = folder + "/a"
            #expect(FileIdentity(path) == nil)
            try write([1], to: path)
            #expect(unsafe chmod(path, 0o600) == 0)
            let first = try #require(FileIdentity(path))
            #expect(FileIdentity(path) == first)
            #expect(!first.isFolder && !first.isReadableByOthers)
            #expect(unsafe symlink(path, folder + "/link") == 0)
            #expect(FileIdentity(folder + "/link") == first)

            #expect(unsafe chmod(path, 0o644) == 0)
            let shared = try #require(FileIdentity(path))
            #expect(shared.isReadableByOthers && shared != first)
            try write([1, 2], to: path)
            #expect(FileIdentity(path) != shared)
            try write([3], to: folder + "/b")
            let other = FileIdentity(folder + "/b")
            #expect(unsafe rename(folder + "/b", path) == 0)
            #expect(FileIdentity(path) != shared && other != shared)
            #expect(FileIdentity(folder)?.isFolder == true)
        }
    }
}
