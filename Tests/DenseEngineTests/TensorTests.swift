import DenseEngine
import Testing

/// Eight floats, at an offset in memory of its own.
@safe private final class Lender: @unchecked Sendable {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 16)
    let octets: UnsafeRawBufferPointer

    init(offset: Int) {
        for index in 0..<8 {
            unsafe memory.storeBytes(of: Float(index) / 3, toByteOffset: offset + 4 * index, as: Float.self)
        }
        unsafe octets = UnsafeRawBufferPointer(start: memory + offset, count: 32)
    }

    deinit { unsafe memory.deallocate() }
}

@Suite("Tensors")
struct TensorTests {
    private let own = (0..<8).map { Float($0) / 3 }

    @Test("lent elements are used where they lie, and are as good as own ones")
    func lent() throws {
        let lender = Lender(offset: 4)
        let tensor = try #require(unsafe Tensor(shape: Shape([4, 2]), octets: lender.octets, of: lender))
        #expect(unsafe tensor.withElements { unsafe UnsafeRawPointer($0.baseAddress) } == lender.octets.baseAddress)
        let copy = try Tensor([4, 2], own)
        #expect(tensor.elements == own)
        #expect(tensor == copy && tensor.hashValue == copy.hashValue)
        #expect(try tensor != Tensor([2, 4], own))
        #expect(unsafe copy.withElements { unsafe Array($0) } == own)
    }

    @Test("what lies at an address that is no float's, or has another size, is not used there", arguments: [1, 2, 3])
    func refused(offset: Int) throws {
        let lender = Lender(offset: offset)
        #expect(try unsafe Tensor(shape: Shape([4, 2]), octets: lender.octets, of: lender) == nil)
        let whole = Lender(offset: 0)
        #expect(try unsafe Tensor(shape: Shape([4, 3]), octets: whole.octets, of: whole) == nil)
        let part = unsafe UnsafeRawBufferPointer(rebasing: whole.octets[..<31])
        #expect(try unsafe Tensor(shape: Shape([7]), octets: part, of: whole) == nil)
    }

    @Test("lent elements are kept as long as the tensor")
    func kept() throws {
        weak var watched: Lender?
        var tensor: Tensor?
        do {
            let lender = Lender(offset: 0)
            watched = lender
            tensor = try unsafe Tensor(shape: Shape([8]), octets: lender.octets, of: lender)
        }
        #expect(watched != nil)
        #expect(tensor?.elements == own)
        tensor = nil
        #expect(watched == nil)
    }

    @Test("a model gives the same bits for lent elements, alone and in a batch")
    func model() throws {
        let model = try Sequential([
            LayerSpecification(
                .dense(DenseConfiguration(units: 3)),
                weights: [
                    "kernel": Tensor([2, 3], [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]), "bias": Tensor([3], [0.7, 0.8, 0.9]),
                ])
        ])
        let lender = Lender(offset: 0)
        let lent = try #require(unsafe Tensor(shape: Shape([4, 2]), octets: lender.octets, of: lender))
        #expect(try model(lent).output == model(Tensor([4, 2], own)).output)
    }
}
