import DenseKernelTable

/// Applies an element-wise activation in place.
func applyElementwise(_ activation: ElementwiseActivation, _ values: UnsafeMutablePointer<Float>, _ count: Int) {
    let (a, b, c) = (activation.first, activation.second, activation.third)
    switch activation.operation {
    case .linear: break
    case .relu:
        if a == 0 && b == .infinity && c == 0 {
            unsafe update(values, count) { reluOfZero($0) }
        } else {
            unsafe update(values, count) { relu($0, negativeSlope: a, maximum: b, threshold: c) }
        }
    case .relu6: unsafe update(values, count) { atMost(6, reluOfZero($0)) }
    case .leakyReLU: unsafe update(values, count) { leakyReLU($0, a) }
    case .elu: unsafe update(values, count) { elu($0, alpha: a, scale: 1) }
    // 1.0507009873554805 times 1.6732632423543772 and 1.
    case .selu: unsafe update(values, count) { elu($0, alpha: 0x1.c212ccp0, scale: 0x1.0cfabep0) }
    case .celu: unsafe update(values, count) { celu($0, alpha: a) }
    case .gelu: unsafe update(values, count) { timesNormalDistribution($0) }
    case .geluTanh: unsafe update(values, count) { geluTanh($0) }
    case .silu: unsafe update(values, count) { timesSigmoid($0, $0) }
    case .hardSiLU: unsafe update(values, count) { $0 * hardSigmoid($0) }
    case .mish: unsafe update(values, count) { mish($0) }
    case .sigmoid: unsafe update(values, count) { sigmoid($0) }
    case .hardSigmoid: unsafe update(values, count) { hardSigmoid($0) }
    case .logSigmoid: unsafe update(values, count) { negated(softplus(negated($0))) }
    case .sparseSigmoid: unsafe update(values, count) { sparseSigmoid($0) }
    case .softplus: unsafe update(values, count) { softplus($0) }
    case .softsign: unsafe update(values, count) { softsign($0) }
    case .squareplus: unsafe update(values, count) { squareplus($0, b: a) }
    case .sparsePlus: unsafe update(values, count) { sparsePlus($0) }
    case .exponential: unsafe update(values, count) { exponential($0) }
    case .tanh: unsafe update(values, count) { hyperbolicTangent($0) }
    case .hardTanh: unsafe update(values, count) { atMost(1, atLeast(-1, $0)) }
    case .tanhShrink: unsafe update(values, count) { tanhShrink($0) }
    case .hardShrink: unsafe update(values, count) { hardShrink($0, threshold: a) }
    case .softShrink: unsafe update(values, count) { softShrink($0, threshold: a) }
    case .threshold: unsafe update(values, count) { select($0 .> a, $0, Lanes(repeating: b)) }
    case .erf: unsafe update(values, count) { errorFunction($0) }
    case .expm1: unsafe update(values, count) { exponentialMinusOne($0) }
    case .log1p: unsafe update(values, count) { logarithmOfOnePlus($0) }
    }
}

/// Replaces every value by its function. The last few go through a padded vector, so they get the same arithmetic. One
/// loop for both, so that the function is compiled into it once.
@inline(__always)
private func update(_ values: UnsafeMutablePointer<Float>, _ count: Int, _ function: (Lanes) -> Lanes) {
    var index = 0
    while index < count {
        let rest = count &- index
        let place = unsafe values + index
        let results = function(unsafe rest >= 16 ? loadLanes(place) : loadLanes(place, rest))
        if rest >= 16 {
            unsafe storeLanes(results, place)
        } else {
            unsafe storeLanes(results, place, rest)
        }
        index &+= 16
    }
}
