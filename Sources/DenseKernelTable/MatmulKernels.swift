/// The matmul's entry points for one instruction set.
///
/// All pointers are to `Float`, all sizes are in elements, and nothing outside the given sizes is read or written.
/// What is computed is defined in `ScalarReference` (DenseEngine), to the bit.
@safe package struct MatmulKernels: Sendable {
    /// Packs a row-major kernel `[inputDimension, units]` into the layout that the matching `Multiply` reads.
    package typealias Pack =
        @convention(c) (
            _ kernel: UnsafePointer<Float>, _ inputDimension: Int, _ units: Int, _ packed: UnsafeMutablePointer<Float>
        ) -> Void

    /// `output = input * kernel + bias`, and `max(output, 0)` of it if `clampsAtZero` (NaN stays NaN, and 0 comes of
    /// -0), for some of the kernel's units. The input's rows are contiguous, `inputDimension` apart; the output's are
    /// `kernelUnits` apart. `bias` and `output` point to the kernel's first unit, whichever units are computed.
    package typealias Multiply =
        @convention(c) (
            _ input: UnsafePointer<Float>, _ rows: Int, _ inputDimension: Int,
            _ packed: UnsafePointer<Float>, _ kernelUnits: Int, _ firstUnit: Int, _ units: Int,
            _ bias: UnsafePointer<Float>?, _ clampsAtZero: Bool, _ output: UnsafeMutablePointer<Float>
        ) -> Void

    /// The number of units in one packed panel. Of each block of 256 features there are all panels, one after the
    /// other, and then of the next block. A panel holds, for each feature in order, the weights of `panelWidth`
    /// neighbouring units, or first those of the left half of the units and then those of the right; the last panel is
    /// filled up with zeros. `multiplyPanels` begins with a whole panel.
    package let panelWidth: Int
    package let packPanels: Pack
    package let multiplyPanels: Multiply

    /// For layers of fewer than 16 units: each unit's weights, one unit after the other, filled up with zeros to a
    /// multiple of 16.
    package let packNarrow: Pack
    package let multiplyNarrow: Multiply

    package init(
        panelWidth: Int, packPanels: Pack, multiplyPanels: Multiply, packNarrow: Pack, multiplyNarrow: Multiply
    ) {
        self.panelWidth = panelWidth
        unsafe self.packPanels = packPanels
        unsafe self.multiplyPanels = multiplyPanels
        unsafe self.packNarrow = packNarrow
        unsafe self.multiplyNarrow = multiplyNarrow
    }
}
