import DenseKernelTable

/// This instruction set's activations.
let activationKernels = unsafe ActivationKernels(
    elementwise: applyElementwise, softmax: softmaxRows, logSoftmax: logSoftmaxRows, sparsemax: sparsemaxRows,
    gatedLinearUnit: gatedLinearUnitRows)
