import DenseEngine

extension TensorText {
    /// The first element that is not finite and must be.
    struct NotFinite: Error {
        let index: Int
    }

    /// Writes nested arrays in parts, each a range of the elements with a room of its own behind that of the one before,
    /// and pushes the texts together. Returns the length of the whole.
    static func write(
        _ values: [Float], _ ranges: [Range<Int>], _ dimensions: [Int], _ policy: NonFinitePolicy,
        _ type: DType, to start: UnsafeMutableRawPointer, rooms: [Int]
    ) -> Result<Int, NotFinite> {
        unsafe values.withUnsafeBufferPointer { values in
            // The bytes of each part, or what it failed at.
            var results = [Result<Int, NotFinite>](repeating: .success(0), count: ranges.count)
            var places = [0]
            for room in rooms { places.append(places[places.count - 1] + room) }
            unsafe results.withUnsafeMutableBufferPointer { results in
                // Nobody changes the values, and each part has a room and a result of its own.
                nonisolated(unsafe) let (values, results, start) = unsafe (values, results, start)
                let places = places
                CodingThreads.perform(ranges.count) { part in
                    unsafe withWriter(values, ranges[part], dimensions, policy, type, into: start + places[part]) {
                        writer in
                        let isWritten = unsafe writer.write()
                        unsafe results[part] =
                            isWritten ? .success(writer.count) : .failure(NotFinite(index: writer.index))
                    }
                }
            }
            var end = 0
            for (part, result) in results.enumerated() {
                switch result {
                case .success(let count):
                    if places[part] != end {
                        unsafe (start + end).copyMemory(from: start + places[part], byteCount: count)
                    }
                    end += count
                case .failure: return result
                }
            }
            return .success(end)
        }
    }
}
