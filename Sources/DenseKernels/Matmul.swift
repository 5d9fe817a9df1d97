import DenseKernelTable

#if KERNELS_AVX512
let panelWidth = 32
#else
let panelWidth = 16
#endif

let matmulKernels = unsafe MatmulKernels(
    panelWidth: panelWidth,
    packPanels: { unsafe packPanels($0, $1, $2, $3) },
    multiplyPanels: { unsafe multiplyPanels($0, $1, $2, $3, $4, $5, $6, $7) },
    packNarrow: { unsafe packNarrow($0, $1, $2, $3) },
    multiplyNarrow: { unsafe multiplyNarrow($0, $1, $2, $3, $4, $5, $6, $7) })

private func packPanels(
    _ kernel: UnsafePointer<Float>, _ inputDimension: Int, _ units: Int, _ packed: UnsafeMutablePointer<Float>
) {
    var target = unsafe packed
    var first = 0
    while first < units {
        let width = min(panelWidth, units - first)
        for feature in 0..<inputDimension {
            let source = unsafe kernel + feature * units + first
            for column in 0..<panelWidth { unsafe target[column] = column < width ? source[column] : 0 }
            unsafe target += panelWidth
        }
        first += panelWidth
    }
}

private func multiplyPanels(
    _ input: UnsafePointer<Float>, _ rows: Int, _ inputDimension: Int, _ packed: UnsafePointer<Float>, _ units: Int,
    _ bias: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>, _ outputStride: Int
) {
    for row in 0..<rows {
        for unit in 0..<units {
            let weights = unsafe packed + unit / panelWidth * panelWidth * inputDimension + unit % panelWidth
            var total: Float = 0
            var start = 0
            while start < inputDimension {
                let end = min(start + 256, inputDimension)
                var sum: Float = 0
                for feature in start..<end {
                    unsafe sum.addProduct(input[row * inputDimension + feature], weights[feature * panelWidth])
                }
                total = start == 0 ? sum : total + sum
                start = end
            }
            if let bias = unsafe bias { unsafe total += bias[unit] }
            unsafe output[row * outputStride + unit] = total
        }
    }
}

private func packNarrow(
    _ kernel: UnsafePointer<Float>, _ inputDimension: Int, _ units: Int, _ packed: UnsafeMutablePointer<Float>
) {
    let stride = (inputDimension + 15) / 16 * 16
    for unit in 0..<units {
        for feature in 0..<stride {
            unsafe packed[unit * stride + feature] = feature < inputDimension ? kernel[feature * units + unit] : 0
        }
    }
}

private func multiplyNarrow(
    _ input: UnsafePointer<Float>, _ rows: Int, _ inputDimension: Int, _ packed: UnsafePointer<Float>, _ units: Int,
    _ bias: UnsafePointer<Float>?, _ output: UnsafeMutablePointer<Float>, _ outputStride: Int
) {
    let stride = (inputDimension + 15) / 16 * 16
    for row in 0..<rows {
        for unit in 0..<units {
            var total: Float = 0
            var start = 0
            while start < inputDimension {
                let end = min(start + 256, inputDimension)
                var sums = SIMD16<Float>.zero
                for feature in start..<end {
                    let lane = feature % 16
                    sums[lane] = unsafe sums[lane].addingProduct(
                        input[row * inputDimension + feature], packed[unit * stride + feature])
                }
                let eight = sums.lowHalf + sums.highHalf
                let four = eight.lowHalf + eight.highHalf
                let two = four.lowHalf + four.highHalf
                let sum = two.x + two.y
                total = start == 0 ? sum : total + sum
                start = end
            }
            if let bias = unsafe bias { unsafe total += bias[unit] }
            unsafe output[row * outputStride + unit] = total
        }
    }
}
