import Glibc
import Testing
import dense_bench

@Suite("What the system says about processes")
struct ProcessTests {
    @Test("a table of sockets is searched for those that listen at a port")
    func table() {
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
               0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 100
               1: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 100
               2: 0100007F:1F91 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 100
               3: 00000000000000000000000000000000:1F90 00:0000 0A 0:0 00:00000000 00000000  0   0 4714 1 0 100
            """
        #expect(ListeningProcesses.listeningInodes(table, port: 8080) == [4711, 4714])
        #expect(ListeningProcesses.listeningInodes(table, port: 8082).isEmpty)
    }

    @Test("usage is read, whatever the command is called")
    func usage() {
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        let stat = "77 (a) b) (c) S 1 77 77 0 -1 4194560 100 0 0 0 250 50 0 0 20 0 4 0 100 1 2"
        #expect(ProcessUsage.processorSeconds(stat) == 300 / ticks)
        #expect(ProcessUsage.processorSeconds("") == 0)
        let status = "Name:\tVmRSS: 9\nVmHWM:\t  2048 kB\nVmRSS:\t  1024 kB\n"
        #expect(ProcessUsage.kibibytes("VmRSS", status) == 1024 && ProcessUsage.kibibytes("VmHWM", status) == 2048)
        #expect(ProcessUsage.kibibytes("VmSwap", status) == 0)
    }

    @Test("this process uses something, and one that is gone nothing")
    func own() {
        let usage = ProcessUsage(of: [Int(getpid())])
        #expect(usage.residentBytes > 1 << 20 && usage.peakBytes >= usage.residentBytes && usage.processorSeconds > 0)
        #expect(ProcessUsage(of: [1 << 40]).residentBytes == 0)
    }
}
