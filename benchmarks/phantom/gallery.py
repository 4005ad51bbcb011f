"""Pictures of SIMULATED patients for the documentation: `python -m benchmarks.phantom.gallery [FOLDER]`."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from hepar.phantom.anatomy import abdomen
from hepar.phantom.ct import ct_scan
from hepar.phantom.grid import Grid
from hepar.phantom.lesions import draw_lesion
from hepar.phantom.mri import mr_scan
from hepar.phantom.pathology.slides import slide
from hepar.phantom.pathology.tiles import tile
from hepar.phantom.patient import Patient
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.phantom.ultrasound import b_mode, rf_frames

FOLDER = Path(__file__).parents[2] / "docs/images"
SEED = 2
CT_GRID = Grid((44, 320, 320), (5.0, 1.2, 1.2))
MR_GRID = Grid((40, 224, 224), (5.5, 1.7, 1.7))
ABDOMEN_HU = (-120, 240)


@dataclass(frozen=True, slots=True)
class Panel:
    """A grey or colour image, how it is called, the grey window, and the height of a pixel over its width."""

    image: NDArray[Any]
    title: str
    window: tuple[float, float] | None = None
    aspect: float = 1.0


def figure(panels: Sequence[Panel], *, columns: int, path: Path, title: str, width: float = 2.6) -> None:
    """Draw `panels` row by row."""
    rows = -(-len(panels) // columns)
    plt.style.use("default")
    shape = max(panel.image.shape[0] * panel.aspect / panel.image.shape[1] for panel in panels)
    size = (width * columns, (width * shape + 0.25) * rows + 0.4)
    made, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, panel in zip(axes.flat, panels, strict=False):
        low, high = panel.window or (None, None)
        axis.imshow(panel.image, cmap="gray", vmin=low, vmax=high, aspect=panel.aspect)
        axis.set_title(panel.title, fontsize=8)
    made.suptitle(f"SIMULATED: {title}", fontsize=10)
    made.tight_layout()
    made.savefig(path, dpi=110, pil_kwargs={"quality": 88})
    plt.close(made)


def stage(study: str, *, number: int, source: str, shown: float) -> Patient:
    """A patient in whom `source` shows so much of the disease."""
    drawn = draw_patient(Scenario.of(study), seed=SEED, number=number)
    lean = replace(drawn.liver, fat=min(drawn.liver.fat, 0.05))
    return replace(drawn, shown={**drawn.shown, source: shown}, lesions=(), liver=lean)


def slice_at(z_mm: float, grid: Grid) -> int:
    """The slice nearest to a place."""
    return round(z_mm / grid.spacing_mm[0] + (grid.shape[0] - 1) / 2)


def phases(folder: Path) -> None:
    """One patient with a hepatocellular carcinoma and a cyst in four phases."""
    patient = stage("D", number=5, source="ct", shown=0.5)
    rng = np.random.default_rng(4)
    patient = replace(
        patient, lesions=(draw_lesion(rng, "hcc", diameter_mm=38), draw_lesion(rng, "cyst", diameter_mm=22))
    )
    anatomy = abdomen(patient, CT_GRID)
    panels = []
    for lesion, place in zip(patient.lesions, anatomy.places, strict=True):
        k = slice_at(place.centre_mm[0], CT_GRID)
        for phase in ("native", "arterial", "portal", "delayed"):
            hu = ct_scan(patient, phase, grid=CT_GRID, anatomy=anatomy).hu
            panels.append(Panel(_cropped(hu[k]), f"{lesion.kind}, {phase}", ABDOMEN_HU))
    figure(panels, columns=4, path=folder / "phantom-ct-phases.jpg", title="CT in four phases")


def _cropped(plane: NDArray[Any]) -> NDArray[Any]:
    rows = np.flatnonzero((plane > -300).sum(axis=1) > plane.shape[1] * 0.12)
    return plane[max(rows.min() - 6, 0) : rows.max() + 6]


def fibrosis(folder: Path) -> None:
    """The same person with little and with much fibrosis to be seen, axial and coronal."""
    panels = []
    for shown in (-1.5, 0.5, 2.5):
        patient = stage("A", number=4, source="ct", shown=shown)
        hu = ct_scan(patient, "portal", grid=CT_GRID).hu
        panels.append(Panel(_cropped(hu[25]), f"portal phase, shows {shown:+.1f} SD", ABDOMEN_HU))
        panels.append(Panel(hu[::-1, 150], "coronal", ABDOMEN_HU, aspect=5.0 / 1.2))
    ordered = [panels[k] for k in (0, 2, 4, 1, 3, 5)]
    figure(ordered, columns=3, path=folder / "phantom-ct-fibrosis.jpg", title="fibrosis on CT", width=3.2)


def lesions(folder: Path) -> None:
    """One of each kind, arterial above portal."""
    kinds = ("hcc", "icc", "metastasis", "haemangioma", "fnh", "cyst", "focal_fat", "perfusion_anomaly")
    above: list[Panel] = []
    below: list[Panel] = []
    for n, kind in enumerate(kinds):
        patient = stage("D", number=30 + n, source="ct", shown=0.0)
        patient = replace(patient, lesions=(draw_lesion(np.random.default_rng(n + 3), kind, diameter_mm=36),))
        grid = Grid((30, 220, 220), (5.0, 1.3, 1.3))
        anatomy = abdomen(patient, grid)
        for row, phase in ((above, "arterial"), (below, "portal")):
            hu = ct_scan(patient, phase, grid=grid, anatomy=anatomy).hu
            row.append(Panel(_round(hu, anatomy.places[0].centre_mm, grid), f"{kind}, {phase}", (-20, 220)))
    figure(
        [*above, *below],
        columns=8,
        path=folder / "phantom-ct-lesions.jpg",
        title="focal lesions on CT",
        width=1.7,
    )


def _round(
    volume: NDArray[Any], centre_mm: Sequence[float], grid: Grid, *, half_mm: float = 55
) -> NDArray[Any]:
    """The slice through a place, cut out round it."""
    at = [
        round(mm / step + (n - 1) / 2)
        for mm, step, n in zip(centre_mm, grid.spacing_mm, grid.shape, strict=True)
    ]
    half = int(half_mm / grid.spacing_mm[1])
    z, y, x = at
    return volume[z, max(y - half, 0) : y + half, max(x - half, 0) : x + half]


def resonance(folder: Path) -> None:
    """One patient in every sequence."""
    patient = stage("C", number=7, source="mri", shown=0.5)
    patient = replace(patient, lesions=(draw_lesion(np.random.default_rng(1), "metastasis", diameter_mm=30),))
    anatomy = abdomen(patient, MR_GRID)
    z = slice_at(anatomy.places[0].centre_mm[0], MR_GRID)
    panels = []
    for sequence in ("t1", "t2", "dwi", "adc", "hepatobiliary"):
        image = mr_scan(patient, sequence, grid=MR_GRID, anatomy=anatomy).image
        panels.append(Panel(image[z][40:190], sequence, (0, float(np.quantile(image, 0.995)))))
    figure(panels, columns=5, path=folder / "phantom-mri.jpg", title="MR, one patient")


def echoes(folder: Path) -> None:
    """B-mode of little and much fibrosis, of a fatty liver and of lesions."""
    made = {
        "little fibrosis": stage("B", number=3, source="bmode", shown=-1.5),
        "much fibrosis": stage("B", number=3, source="bmode", shown=2.5),
    }
    plain = stage("B", number=11, source="bmode", shown=-0.5)
    made["fatty"] = replace(plain, liver=replace(plain.liver, fat=0.3))
    for kind in ("metastasis", "cyst", "haemangioma"):
        made[kind] = replace(plain, lesions=(draw_lesion(np.random.default_rng(2), kind, diameter_mm=32),))
    panels = [Panel(b_mode(rf_frames(patient)).pixels[0], name, (0, 255)) for name, patient in made.items()]
    figure(panels, columns=3, path=folder / "phantom-ultrasound.jpg", title="B-mode from raw RF", width=3.4)


def histology(folder: Path) -> None:
    """Tiles of three laboratories, and a slide."""
    panels = []
    for scanner, shown in (("A", -1.5), ("B", 0.0), ("C", 2.0)):
        patient = replace(stage("E", number=9, source="slide", shown=shown), scanners={"slide": scanner})
        panels += [
            Panel(_tile(patient, kind), f"{kind}, laboratory {scanner}, shows {shown:+.1f} SD")
            for kind in ("tumour", "front", "stroma", "normal")
        ]
    figure(panels, columns=4, path=folder / "phantom-histology.jpg", title="H&E tiles", width=2.6)
    whole = slide(stage("E", number=9, source="slide", shown=1.0), size_px=(4096, 4096))
    figure(
        [Panel(whole.rgb[::8, ::8], "whole slide")],
        columns=1,
        path=folder / "phantom-slide.jpg",
        title="slide",
        width=4,
    )


def _tile(patient: Patient, kind: str) -> NDArray[Any]:
    return tile(patient, size_px=384, um_per_px=0.5, kind=kind).rgb


PICTURES: Mapping[str, Callable[[Path], None]] = {
    "phases": phases,
    "fibrosis": fibrosis,
    "lesions": lesions,
    "resonance": resonance,
    "echoes": echoes,
    "histology": histology,
}


def main(arguments: Sequence[str]) -> None:
    """Draw all pictures, or those named."""
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in PICTURES.items():
        if len(arguments) < 2 or name in arguments[1:]:
            draw(folder)


if __name__ == "__main__":
    main(sys.argv[1:])
