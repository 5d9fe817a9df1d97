#!/usr/bin/env python3
"""Writes Tests/TensorCodingTests/NumPySamples.swift: files that numpy made, with what they hold.

    python3 Tests/Generators/numpy_samples.py      (needs numpy; run at the package's root)
"""
import base64, io, struct
import numpy as np

TYPES = ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8", "|i1", "<i2", ">i2", "<i4", ">i4", "<i8", ">i8",
         "|u1", "<u2", ">u2", "<u4", ">u4", "<u8", ">u8", "|b1"]


def values(dtype, count):
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return np.arange(count) % 3 == 0
    if dtype.kind == "f":
        special = [np.nan, np.inf, -np.inf, -0.0, 1 / 3, 65504, 6e-8, np.finfo(dtype).max, np.finfo(dtype).tiny,
                   16777217, 1e-45, -1.00000005960464477539]
    else:
        info = np.iinfo(dtype)
        special = [info.min, info.max, 0, 1, 16777217 % info.max, info.max // 3, info.max - 1, 5, 7, 11, 13, 17]
    with np.errstate(all="ignore"):
        return np.resize(np.array(special).astype(dtype), count)


def main():
    cases = []
    for index, dtype in enumerate(TYPES):
        for shape in [(12,), (3, 4), (2, 1, 3, 2)]:
            array = values(dtype, 12).astype(dtype).reshape(shape)
            if (index + len(shape)) % 2:
                array = np.asfortranarray(array)
            version = [(1, 0), (2, 0), (3, 0)][(index + len(shape)) % 3]
            cases.append((array, version))
    for shape in [(), (0,), (2, 0, 3), (1, 1)]:
        cases.append((np.ones(shape, "<f4"), (1, 0)))
    out = ["// Made by Tests/Generators/numpy_samples.py with numpy %s: files, their shapes, and the bits of their elements"
           % np.__version__,
           "// as float32.", "enum NumPySamples {", "    static let all: [(base64: String, shape: [Int], bits: [UInt32])] = ["]
    for array, version in cases:
        file = io.BytesIO()
        np.lib.format.write_array(file, array, version=version)
        with np.errstate(all="ignore"):
            floats = array.astype("<f4", order="C")
        bits = ", ".join("0x%08X" % b for (b,) in struct.iter_unpack("<I", floats.tobytes("C")))
        text = base64.b64encode(file.getvalue()).decode()
        out += ["        (", '            "%s",' % text, "            %s, [%s]" % (list(array.shape), bits), "        ),"]
    out += ["    ]", "}", ""]
    open("Tests/TensorCodingTests/NumPySamples.swift", "w").write("\n".join(out))


main()
