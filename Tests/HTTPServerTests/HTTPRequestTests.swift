import HTTPServer
import Testing

@Suite("A request's parts")
struct HTTPRequestTests {
    private func request(_ text: String) throws -> HTTPRequest { try HTTPRequest(parsing: Array(text.utf8)) }

    @Test("fields are found whatever their case")
    func headers() throws {
        let headers = try request("GET / HTTP/1.0\r\nX-One: 1\r\naccept: a\r\nAccept:  b \r\nEmpty:\r\n\r\n").headers
        #expect(headers["x-one"] == "1")
        #expect(headers["ACCEPT"] == "a")
        #expect(headers.values("Accept") == ["a", "b"])
        #expect(headers["Empty"]?.isEmpty == true)
        #expect(headers["X-On"] == nil)
        #expect(headers.contains("X-ONE"))
        #expect(headers.count == 4)
        #expect(headers.bytes("x-one").map(Array.init) == [0x31])
        #expect(headers.all.map(\.name) == ["X-One", "accept", "Accept", "Empty"])
    }

    @Test("a target is decoded segment by segment and item by item")
    func target() throws {
        let target = try request("GET /a%2Fb//%C3%A9?x=1+2&y&%7a=%26=&&x=3 HTTP/1.0\r\n\r\n").target
        #expect(target.rawPath == "/a%2Fb//%C3%A9")
        #expect(target.segments == ["a/b", "", "é"])
        #expect(target.queryItems.map(\.name) == ["x", "y", "z", "x"])
        #expect(target.queryItems.map(\.value) == ["1 2", "", "&=", "3"])
        #expect(target.query("x") == "1 2")
        #expect(target.query("w") == nil)
        #expect(target.isPath("/a%2Fb//%C3%A9"))
        #expect(!target.isPath("/a"))
        #expect(try request("GET / HTTP/1.0\r\n\r\n").target.segments == [""])
        #expect(try request("OPTIONS * HTTP/1.0\r\n\r\n").target.isAsterisk)
    }

    @Test("a body has readable zero bytes behind it")
    func bodyPadding() throws {
        for size in [0, 1, 63, 64, 65, 5000] {
            let text = String(repeating: "x", count: size)
            let body = try request("PUT / HTTP/1.0\r\nContent-Length: \(size)\r\n\r\n\(text)").body
            #expect(body.count == size)
            #expect(body.isEmpty == (size == 0))
            let (contents, behind) = unsafe body.withUnsafeBytes { bytes in
                let padded = unsafe UnsafeRawBufferPointer(
                    start: bytes.baseAddress, count: bytes.count + HTTPBody.padding)
                return (unsafe Array(bytes), unsafe Array(padded.dropFirst(size)))
            }
            #expect(contents == [UInt8](repeating: 0x78, count: size))
            #expect(behind == [UInt8](repeating: 0, count: HTTPBody.padding))
        }
        #expect(HTTPBody([1, 2, 3]).count == 3)
    }

    @Test("the client's identifier is kept if it is sane, else a new one is made")
    func identifiers() throws {
        func id(_ value: String) throws -> String {
            try "\(request("GET / HTTP/1.0\r\nX-Request-Id: \(value)\r\n\r\n").id)"
        }
        #expect(try id("abc-1.2_3") == "abc-1.2_3")
        let long = String(repeating: "a", count: 128)
        #expect(try id(long) == long)
        for value in ["", "a b", "a\"b", "é", long + "a"] {
            let made = try id(value)
            #expect(made.utf8.count == 16)
            #expect(made.allSatisfy { $0.isHexDigit })
        }
        #expect(RequestID.generate() != RequestID.generate())
    }

    @Test(
        "dates are written as HTTP has them",
        arguments: [
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 GMT"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (-1, "Wed, 31 Dec 1969 23:59:59 GMT"),
        ])
    func dates(_ seconds: Int, _ text: String) {
        #expect(String(decoding: HTTPDate.bytes(secondsSince1970: seconds), as: UTF8.self) == text)
    }
}
