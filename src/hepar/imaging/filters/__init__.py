"""The convolutional filters of IBSI-2 (Zwanenburg et al., arXiv:2006.05470): an image in, its response out.

Axes are (z, y, x). Where the manual writes a filter as letters or orders along its axes (k1, k2, k3) = (x, y, z),
such as "LHL" or (1, 0, 0), so does this package: the first belongs to x, the last axis of the array. A slice is a
plane of axes y and x. Responses are float32; beside float64 they lose about 1e-6 of the image's largest value.
"""
