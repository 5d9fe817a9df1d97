func softmaxRows(_ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) {}
func logSoftmaxRows(_ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) {}
func sparsemaxRows(_ values: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int) {}
func gatedLinearUnitRows(
    _ source: UnsafePointer<Float>, _ result: UnsafeMutablePointer<Float>, _ rows: Int, _ columns: Int
) {}
