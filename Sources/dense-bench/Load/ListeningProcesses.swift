/// Finds the processes of this machine that listen at a TCP port.
package enum ListeningProcesses {
    /// The processes that have a listening socket of `port` open, lowest number first: none when the server is on another
    /// machine, in another network namespace, or another user's.
    package static func find(port: UInt16) -> [Int] {
        let inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap { listeningInodes(ProcFile.text($0), port: port) }
        let links = Set(inodes.map { "socket:[\($0)]" })
        guard !links.isEmpty else { return [] }
        return ProcFile.names(in: "/proc").compactMap { Int($0) }.filter { process in
            let folder = "/proc/\(process)/fd"
            return ProcFile.names(in: folder).contains { links.contains(ProcFile.link("\(folder)/\($0)")) }
        }.sorted()
    }

    /// The inodes of the listening sockets in a table as `/proc/net/tcp` has it: the second field ends with the port in
    /// hexadecimal, the fourth is the state (`0A` listens), the tenth the inode.
    package static func listeningInodes(_ table: String, port: UInt16) -> [Int] {
        table.split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(separator: " ")
            guard fields.count > 9, fields[3] == "0A", let colon = fields[1].lastIndex(of: ":"),
                UInt16(fields[1][colon...].dropFirst(), radix: 16) == port
            else { return nil }
            return Int(fields[9])
        }
    }
}
