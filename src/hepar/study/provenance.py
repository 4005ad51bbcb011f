"""Where a result came from: versions, commit, fingerprints, seeds."""

import platform
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from .._version import __version__

PACKAGES = (
    "numpy",
    "scipy",
    "pandas",
    "scikit-learn",
    "lifelines",
    "comprisk",
    "joblib",
    "pydantic",
    "matplotlib",
    "numba",
    "nibabel",
    "pydicom",
    "PyWavelets",
)
"""What can change a number of any study."""
OTHERS = ("torch", "onnx", "onnxruntime", "h5py", "highdicom", "SQLAlchemy", "odmlib", "cryptography")
"""What else is of use in a bug report."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Everything needed to run the study again and to tell whether it is the same study."""

    hepar: str
    commit: str
    """Git commit of the repository that holds the protocol."""
    python: str
    machine: str
    packages: Mapping[str, str]
    protocol: str
    """Fingerprint of the protocol."""
    manifests: Mapping[str, str]
    """Fingerprint of the cohort of each arm, as read."""
    seeds: Mapping[str, int]
    started: str
    lock: str = "not locked before this run"
    deviations: tuple[str, ...] = ()


def other_versions() -> Mapping[str, str]:
    """Versions of the packages that only some commands use."""
    return {name: found for name in OTHERS if (found := _version_of(name))}


def package_versions() -> Mapping[str, str]:
    """Versions of the packages that can change a number."""
    return {name: found for name in PACKAGES if (found := _version_of(name))}


def git_commit(folder: Path) -> str:
    """Commit of the repository around `folder`, with "-dirty" where files differ; "unknown" outside one."""
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return found.stdout.strip()


def provenance(
    *, protocol: str, manifests: Mapping[str, str], seeds: Mapping[str, int], folder: Path
) -> Provenance:
    """The provenance of a run that starts now."""
    return Provenance(
        hepar=__version__,
        commit=git_commit(folder),
        python=platform.python_version(),
        machine=f"{platform.system()} {platform.machine()}",
        packages=package_versions(),
        protocol=protocol,
        manifests=manifests,
        seeds=seeds,
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
