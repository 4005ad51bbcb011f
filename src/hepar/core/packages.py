"""Packages outside the core installation: which extra brings each, and what to type where one is absent."""

from collections.abc import Iterable
from importlib.util import find_spec

from .errors import ProtocolError

IMAGES = ("numba", "nibabel", "pydicom", "highdicom", "nrrd", "pywt")
"""What reading images and measuring them needs."""
EXTRAS = {
    "lifelines": "survival",
    "comprisk": "survival",
    "pyarrow": "parquet",
    "h5py": "ultrasound",
    "lzallright": "ultrasound",
    "torch": "networks",
    "onnx": "networks",
    "onnxruntime": "bundle",
    "PIL": "slides",
    **dict.fromkeys(("sqlalchemy", "odmlib", "cryptography"), "capture"),
    "redcap": "redcap",
    "psycopg": "postgres",
    **dict.fromkeys(IMAGES, "images"),
}


def how_to_install(package: str) -> str:
    """That a package is needed and absent, and what to type."""
    what = f"'hepar[{EXTRAS[package]}]'" if package in EXTRAS else package
    return f"needs the package {package!r}, which is not installed; run: pip install {what}"


def refuse_absent(packages: Iterable[str], *, what: str) -> None:
    """Refuse, before any work, what needs a package that is not installed."""
    for package in packages:
        if find_spec(package) is None:
            raise ProtocolError(f"{what} {how_to_install(package)}")
