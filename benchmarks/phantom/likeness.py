"""SIMULATED images beside real ones: `HEPAR_REAL_IMAGES=FOLDER python -m benchmarks.phantom.likeness [PICTURES]`.

Each measure is taken of tissue without edges (CT, MR), of whole tiles (H&E) and of beamformed lines (ultrasound), on the
real images of `benchmarks.phantom.real` and on simulated ones of the same voxel size. The yardstick is the distance
between the two halves of the real data: nothing simulated can be expected to be nearer.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from hepar.phantom.anatomy import Anatomy, abdomen
from hepar.phantom.ct import ct_scan
from hepar.phantom.grid import Grid
from hepar.phantom.mri import mr_scan
from hepar.phantom.pathology.tiles import tile
from hepar.phantom.patient import Patient
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.phantom.ultrasound import PROBES, rf_frames

from . import real
from .gallery import Panel, cropped, figure
from .measures import (
    Comparison,
    Patch,
    amplitudes,
    autocorrelation,
    band,
    compare,
    gradients,
    histogram,
    nakagami,
    patches,
    spectrum,
    standardised,
    tones,
)

SEED, PATIENTS = 7, 4
HAEMATOXYLIN_EOSIN = np.array([[0.65, 0.70, 0.29], [0.07, 0.99, 0.11]])
"""Optical densities of red, green and blue (Ruifrok and Johnston 2001)."""

WASSERTHAL, KATHER = "Wasserthal 2023, Apache-2.0", "Kather 2018, CC BY 4.0"
"""Whose the real images are that are shown; others are measured only."""
SHOWN_TILE = 1


@dataclass(frozen=True, slots=True)
class Side:
    """One kind of image: patches of the real, of each simulated patient, and a picture of each."""

    name: str
    real: Sequence[Patch]
    simulated: Sequence[Sequence[Patch]]
    pictures: tuple[Panel, Panel]


def patients(study: str) -> list[Patient]:
    """Simulated patients as they come, without lesions, one on each scanner."""
    drawn = [draw_patient(Scenario.of(study), seed=SEED, number=n) for n in range(1, PATIENTS + 1)]
    devices = [
        {"ct": name, "mri": name, "ultrasound": us, "slide": us}
        for name, us in zip("ABCD", "ABCA", strict=True)
    ]
    return [replace(p, lesions=(), scanners=device) for p, device in zip(drawn, devices, strict=True)]


def ct(root: Path, name: str) -> Side:
    """Liver in the portal phase at the voxels of the real venous CT, or in the native phase at 3 mm."""
    venous = name == "CT, portal phase"
    found = real.venous_ct(root) if venous else real.native_ct(root)
    size, phase = (24, "portal") if venous else (10, "native")
    grid = Grid(
        (14, 340, 400) if venous else (30, 110, 130), (3.0 if not venous else 2.0, *2 * (found.spacing_mm,))
    )
    made = []
    for patient in patients("D"):
        anatomy = abdomen(patient, grid)
        scan = ct_scan(patient, phase, grid=grid, anatomy=anatomy)
        liver = scan.moved(anatomy.liver)
        made.append(standardised(patches(scan.hu, liver, size=size, spacing_mm=found.spacing_mm)))
    middle = found.image[int(found.liver.sum(axis=(1, 2)).argmax())]
    upright = middle if venous else middle[::-1, ::-1]
    return Side(
        name,
        standardised(patches(found.image, found.liver, size=size, spacing_mm=found.spacing_mm)),
        made,
        (_ct_panel(f"real CT ({WASSERTHAL})", upright), _ct_panel("SIMULATED", _fullest(scan.hu, anatomy))),
    )


def _fullest(image: NDArray[Any], anatomy: Anatomy) -> NDArray[Any]:
    """The slice that holds most of the liver."""
    plane: NDArray[Any] = image[int(anatomy.liver.sum(axis=(1, 2)).argmax())]
    return plane


def _ct_panel(title: str, plane: NDArray[Any]) -> Panel:
    return Panel(cropped(plane), title, (-120, 240))


def mr(root: Path) -> Side:
    """Liver on T1 in phase at the voxels of the real MR, whose sequence is not stated.

    Its fat is bright, its liver (median 97) brighter than its spleen (24) and kidneys (18 to 29).
    """
    found = real.t1_mr(root)
    grid = Grid((20, 100, 125), (3.0, 3.0, 3.0))
    made = []
    for patient in patients("C"):
        anatomy = abdomen(patient, grid)
        scan = mr_scan(patient, "in_phase", grid=grid, anatomy=anatomy)
        made.append(standardised(patches(scan.image, scan.moved(anatomy.liver), size=10, spacing_mm=3.0)))
    middle = found.image[int(found.liver.sum(axis=(1, 2)).argmax())]
    panels = (
        _mr_panel(f"real MR ({WASSERTHAL})", middle),
        _mr_panel("SIMULATED", _fullest(scan.image, anatomy)),
    )
    return Side(
        "MR, T1", standardised(patches(found.image, found.liver, size=10, spacing_mm=3.0)), made, panels
    )


def _mr_panel(title: str, plane: NDArray[Any]) -> Panel:
    return Panel(plane, title, (0.0, float(np.quantile(plane, 0.99))))


def histology(root: Path, stain: int) -> Side:
    """Optical density of one of the two stains in whole tiles."""
    shown = real.tiles(root)
    made = [
        [tile(p, size_px=512, kind=kind, index=3).rgb for kind in ("tumour", "front")] for p in patients("E")
    ]
    name = f"H&E, {('haematoxylin', 'eosin')[stain]}"
    crypts = tile(patients("E")[0], size_px=224, kind="normal", index=SHOWN_TILE).rgb
    panels = Panel(shown[0], f"real H&E ({KATHER})"), Panel(crypts, "SIMULATED")
    densities = [[_density(rgb, stain) for rgb in of_patient] for of_patient in made]
    return Side(name, [_density(rgb, stain) for rgb in shown], densities, panels)


def _density(rgb: NDArray[np.uint8], stain: int) -> Patch:
    optical = -np.log10((rgb[:224, :224].astype(float) + 1) / 256)
    unit = HAEMATOXYLIN_EOSIN / np.linalg.norm(HAEMATOXYLIN_EOSIN, axis=1, keepdims=True)
    return standardised([Patch((optical @ np.linalg.pinv(unit))[..., stain], 0.0005)])[0]


def lines() -> tuple[list[NDArray[np.float64]], float]:
    """Pieces (lines, samples) of simulated raw liver, and their sampling rate in MHz."""
    made = [rf_frames(patient, probe=PROBES["convex"]) for patient in patients("B")]
    return [recording.rf[0][20:70, 700:1400].astype(float) for recording in made], made[0].fs_mhz


def echoes(root: Path) -> list[Comparison]:
    """Beamformed lines of muscle (another organ and probe: only order of magnitude can agree) beside liver."""
    piece, fs_mhz = real.muscle_piece(root)
    shown, rate_mhz = lines()
    peak, width = np.mean([band(s, rate_mhz) for s in shown], axis=0)
    centre, span = band(piece, fs_mhz)
    m, ours = nakagami(piece), float(np.mean([nakagami(s) for s in shown]))
    return [
        Comparison("Nakagami m of the envelope", m, ours, abs(ours - m), "m"),
        Comparison(
            "width of the band over its peak",
            span / centre,
            width / peak,
            abs(width / peak - span / centre),
            "",
        ),
    ]


def table(sides: Sequence[Side], extra: Sequence[Comparison]) -> str:
    """Markdown: every measure of the real and of the simulated (median and range of the patients) and their distance."""
    rows = [
        "| image | measure | real | SIMULATED | distance | two halves of the real |",
        "|:--|:--|--:|--:|--:|--:|",
    ]
    for side in sides:
        halves = compare(side.real[::2], side.real[1::2])
        each = [compare(side.real, of_patient) for of_patient in side.simulated]
        for n, half in enumerate(halves):
            values = [float(found[n].simulated) for found in each]
            distance = np.median([found[n].distance for found in each])
            rows.append(
                f"| {side.name} | {half.measure} | {each[0][n].real:.3g} | {_ranged(values)} |"
                f" {distance:.2g} {half.unit} | {half.distance:.2g} |"
            )
    return "\n".join(
        [
            *rows,
            *(
                f"| ultrasound, RF | {r.measure} | {r.real:.3g} | {r.simulated:.3g} | {r.distance:.2g} | |"
                for r in extra
            ),
        ]
    )


def draw_curves(sides: Sequence[Side], root: Path, *, path: Path) -> None:
    """Histograms, spectra, autocorrelations and gradients, a row for each image; amplitudes of echoes at the end."""
    drawn: Mapping[str, Callable[[Sequence[Patch]], tuple[Any, Any]]] = {
        "tones, SD": lambda pieces: histogram(tones(pieces), -4, 5),
        "power by cycles per mm": spectrum,
        "autocorrelation by mm": autocorrelation,
        "gradient per mm, SD": lambda pieces: histogram(
            gradients(pieces), 0, float(4 * gradients(pieces).mean())
        ),
    }
    made, axes = plt.subplots(len(sides) + 1, 4, figsize=(11, 2.1 * len(sides) + 2.1), layout="constrained")
    for side, row in zip(sides, axes[:-1], strict=True):
        for axis, (name, curve) in zip(row, drawn.items(), strict=True):
            for pieces in side.simulated:
                axis.plot(*curve(pieces), color="tab:orange", linewidth=0.8)
            axis.plot(*curve(side.real), color="black", linewidth=1.4)
            axis.set_title(f"{side.name}: {name}", fontsize=7)
            if name.startswith("power"):
                axis.set_yscale("log")
    _draw_echoes(axes[-1], root)
    made.suptitle("real (black) and SIMULATED (orange, four patients)", fontsize=10)
    made.savefig(path, dpi=80)
    plt.close(made)


def _draw_echoes(row: Sequence[Any], root: Path) -> None:
    """Amplitudes over their mean, which speckle of many scatterers spreads by Rayleigh's law."""
    piece, _ = real.muscle_piece(root)
    for values in lines()[0]:
        row[0].plot(*histogram(amplitudes(values), 0, 4), color="tab:orange", linewidth=0.8)
    row[0].plot(*histogram(amplitudes(piece), 0, 4), color="black", linewidth=1.4)
    row[0].set_title("ultrasound (real: muscle): amplitudes", fontsize=7)
    for axis in row[1:]:
        axis.axis("off")


def _ranged(values: Sequence[float]) -> str:
    return f"{np.median(values):.3g} ({min(values):.3g} to {max(values):.3g})"


def main(arguments: Sequence[str]) -> None:
    """Print the table, and draw the pictures where a folder is named for them."""
    root = real.folder()
    if root is None:
        print("set HEPAR_REAL_IMAGES to the folder of the real images (see benchmarks/phantom/real.py)")
        return
    sides = [
        ct(root, "CT, portal phase"),
        ct(root, "CT, native"),
        mr(root),
        histology(root, 0),
        histology(root, 1),
    ]
    print(table(sides, echoes(root)))
    if arguments:
        shown = [panel for side in sides[:4] for panel in side.pictures]
        folder = Path(arguments[0])
        figure(
            shown, columns=4, path=folder / "phantom-likeness.jpg", title="images beside real ones", width=2.8
        )
        draw_curves(sides, root, path=folder / "phantom-statistics.png")


if __name__ == "__main__":
    main(sys.argv[1:])
