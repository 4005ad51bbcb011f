"""The digital phantoms of IBSI-2, its reference response maps as arrays (z, y, x), and the filters that make them."""

import lzma
from collections.abc import Callable
from functools import partial
from pathlib import Path

import nibabel
import numpy as np
from numpy.typing import NDArray

from hepar.imaging.filters.gabor import gabor
from hepar.imaging.filters.laplacian import laplacian_of_gaussian
from hepar.imaging.filters.laws import laws, laws_energy
from hepar.imaging.filters.mean import mean
from hepar.imaging.filters.nonseparable import nonseparable_wavelet
from hepar.imaging.filters.options import Boundary, Pooling
from hepar.imaging.filters.riesz import riesz_log, riesz_wavelet
from hepar.imaging.filters.wavelets import wavelet

Image = NDArray[np.float32]
GOLDEN = Path(__file__).parent.parent / "tests" / "golden" / "ibsi2"
SPACING_MM = (2.0, 2.0, 2.0)
TOLERANCE = 0.01
"""Of the range of a map's values: what IBSI allows a voxel to differ by."""


def phantom(name: str) -> NDArray[np.float32]:
    """The phantom `name`."""
    image = nibabel.Nifti1Image.from_filename(GOLDEN / f"phantom_{name}.nii.gz")
    return np.ascontiguousarray(np.asarray(image.dataobj, dtype=np.float32).T)


def reference_map(test: str) -> NDArray[np.float32]:
    """The consensus response of the IBSI test `test`, e.g. "1.a.1"."""
    planes = np.frombuffer(lzma.decompress((GOLDEN / "maps" / f"{test}.xz").read_bytes()), dtype=np.uint8)
    voxels = np.ascontiguousarray(planes.reshape(4, -1)[::-1].T)
    return voxels.view("<f4").reshape(64, 64, 64)


def share_of_range(found: NDArray[np.float32], reference: NDArray[np.float32]) -> float:
    """Greatest difference of a voxel, as a share of the reference's range."""
    return float(np.abs(found.astype(float) - reference).max() / np.ptp(reference.astype(float)))


def _laws(
    image: Image,
    kernels: str,
    *,
    boundary: Boundary,
    pooling: Pooling | None = None,
    energy: int | None = None,
) -> Image:
    response = laws(image, kernels=kernels, pooling=pooling, boundary=boundary)
    if energy is None:
        return response
    return laws_energy(response, distance=energy, dimensions=len(kernels) // 2, boundary=boundary)


def _wavelet(
    image: Image,
    name: str,
    subband: str,
    *,
    boundary: Boundary,
    level: int = 1,
    pooling: Pooling | None = None,
) -> Image:
    [(_, response)] = wavelet(
        image, name=name, subbands=[subband], level=level, pooling=pooling, boundary=boundary
    )
    return response


log = partial(laplacian_of_gaussian, spacing_mm=SPACING_MM)
gabor_a = partial(gabor, sigma_mm=10, wavelength_mm=4, aspect=0.5, spacing_mm=SPACING_MM, boundary="zero")
gabor_b = partial(gabor, sigma_mm=20, wavelength_mm=8, aspect=2.5, spacing_mm=SPACING_MM, boundary="mirror")
riesz_3mm = partial(riesz_log, sigma_mm=3, spacing_mm=SPACING_MM, boundary="zero")
EIGHTHS = [45.0 * n for n in range(8)]
SIXTEENTHS = [22.5 * n for n in range(16)]

# fmt: off
RESPONSES: dict[str, tuple[str, Callable[[Image], Image]]] = {
    "1.a.1": ("checkerboard", partial(mean, support=15, boundary="zero")),
    "1.a.2": ("checkerboard", partial(mean, support=15, boundary="nearest")),
    "1.a.3": ("checkerboard", partial(mean, support=15, boundary="periodic")),
    "1.a.4": ("checkerboard", partial(mean, support=15, boundary="mirror")),
    "1.b.1": ("impulse", partial(mean, support=15, dimensions=2, boundary="zero")),
    "2.a": ("impulse", partial(log, sigma_mm=3, boundary="zero")),
    "2.b": ("checkerboard", partial(log, sigma_mm=5, boundary="mirror")),
    "2.c": ("checkerboard", partial(log, sigma_mm=5, dimensions=2, boundary="mirror")),
    "3.a.1": ("impulse", partial(_laws, kernels="E5L5S5", boundary="zero")),
    "3.a.2": ("impulse", partial(_laws, kernels="E5L5S5", boundary="zero", pooling="max")),
    "3.a.3": ("impulse", partial(_laws, kernels="E5L5S5", boundary="zero", pooling="max", energy=7)),
    "3.b.1": ("checkerboard", partial(_laws, kernels="E3W5R5", boundary="mirror")),
    "3.b.2": ("checkerboard", partial(_laws, kernels="E3W5R5", boundary="mirror", pooling="max")),
    "3.b.3": ("checkerboard", partial(_laws, kernels="E3W5R5", boundary="mirror", pooling="max", energy=7)),
    "3.c.1": ("checkerboard", partial(_laws, kernels="L5S5", boundary="mirror")),
    "3.c.2": ("checkerboard", partial(_laws, kernels="L5S5", boundary="mirror", pooling="max")),
    "3.c.3": ("checkerboard", partial(_laws, kernels="L5S5", boundary="mirror", pooling="max", energy=7)),
    "4.a.1": ("impulse", partial(gabor_a, angles_deg=[60.0])),
    "4.a.2": ("impulse", partial(gabor_a, angles_deg=EIGHTHS, orthogonal=True)),
    "4.b.1": ("sphere", partial(gabor_b, angles_deg=[225.0])),
    "4.b.2": ("sphere", partial(gabor_b, angles_deg=SIXTEENTHS, orthogonal=True)),
    "5.a.1": ("impulse", partial(_wavelet, name="db2", subband="LHL", boundary="zero")),
    "5.a.2": ("impulse", partial(_wavelet, name="db2", subband="LHL", boundary="zero", pooling="average")),
    "6.a.1": ("sphere", partial(_wavelet, name="coif1", subband="HHL", boundary="periodic")),
    "6.a.2": ("sphere", partial(_wavelet, name="coif1", subband="HHL", boundary="periodic", pooling="average")),
    "7.a.1": ("checkerboard", partial(_wavelet, name="haar", subband="LLL", level=2, boundary="mirror", pooling="average")),
    "7.a.2": ("checkerboard", partial(_wavelet, name="haar", subband="HHH", level=2, boundary="mirror", pooling="average")),
    "8.a.1": ("checkerboard", partial(nonseparable_wavelet, level=1, boundary="periodic")),
    "8.a.2": ("checkerboard", partial(nonseparable_wavelet, level=2, boundary="periodic")),
    "8.a.3": ("checkerboard", partial(nonseparable_wavelet, level=3, boundary="periodic")),
    "9.a": ("impulse", partial(riesz_3mm, order=(1, 0, 0))),
    "9.b.1": ("sphere", partial(riesz_3mm, order=(0, 2, 0))),
    "10.b.1": ("pattern_1", partial(riesz_wavelet, order=(0, 2, 0), level=1, spacing_mm=SPACING_MM, boundary="nearest")),
}
# fmt: on
"""IBSI test -> phantom and the filter whose response is published."""
