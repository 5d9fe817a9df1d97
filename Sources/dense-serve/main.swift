print("dense-serve")
