"""Neural networks in plain PyTorch: tensors in, tensors out; they know no case and no file."""
