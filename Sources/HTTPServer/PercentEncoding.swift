/// Percent-encoding (RFC 3986, section 2.1).
enum PercentEncoding {
    /// The bytes with every `%XX` replaced by the byte it stands for. A sign that no two hexadecimal digits follow stays.
    static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool = false) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if bytes[index] == ASCII.percent, let byte = escaped(bytes, at: index) {
                decoded.append(byte)
                index += 3
            } else {
                decoded.append(plusIsSpace && bytes[index] == ASCII.plus ? ASCII.space : bytes[index])
                index += 1
            }
        }
        return decoded
    }

    /// Whether every `%` has its two digits, nothing decodes to NUL and what is decoded is UTF-8.
    static func isValid(_ bytes: ArraySlice<UInt8>) -> Bool {
        for index in bytes.indices where bytes[index] == ASCII.percent {
            guard let byte = escaped(bytes, at: index), byte != ASCII.null else { return false }
        }
        return String(validating: decode(bytes), as: UTF8.self) != nil
    }

    private static func escaped(_ bytes: ArraySlice<UInt8>, at index: Int) -> UInt8? {
        guard bytes.endIndex - index > 2, let high = bytes[index + 1].hexadecimalValue,
            let low = bytes[index + 2].hexadecimalValue
        else { return nil }
        return high << 4 | low
    }
}
