"""Pictures of SIMULATED patients for the documentation: `python -m benchmarks.phantom.gallery [FOLDER]`."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy import ndimage

from hepar.phantom.anatomy import abdomen
from hepar.phantom.ct import CtScan, ct_scan
from hepar.phantom.grid import Grid
from hepar.phantom.lesions import draw_lesion
from hepar.phantom.mri import mr_scan
from hepar.phantom.pathology.slides import slide
from hepar.phantom.pathology.tiles import tile
from hepar.phantom.patient import Lesion, Patient
from hepar.phantom.population import draw_patient
from hepar.phantom.scenario import Scenario
from hepar.phantom.ultrasound import b_mode, rf_frames

FOLDER = Path(__file__).parents[2] / "docs/images"
SEED = 2
CT_GRID = Grid((44, 320, 320), (5.0, 1.2, 1.2))
MR_GRID = Grid((40, 224, 224), (5.5, 1.7, 1.7))
ABDOMEN_HU = (-120, 240)
PHASES = ("native", "arterial", "portal", "delayed")
DPI, LARGEST_BYTES, HEAD = 110, 240_000, 0.25
"""Dots per inch, bytes of a picture at most, and inches for the title above."""
NAMES = {"hcc": "HCC", "icc": "cholangiocarcinoma", "fnh": "FNH"}
SIGNS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "hcc": {"core_arterial": (38, 90), "core_portal": (-60, -22), "rim_delayed": (15, 60), "edge": (0, 0.15)},
    "icc": {"rim_arterial": (30, 90), "core_portal": (-70, -25), "core_delayed": (-8, 30)},
    "metastasis": {
        "rim_portal": (14, 60),
        "core_portal": (-80, -40),
        "us_backscatter_db": (-12, -6),
        "mr_dwi": (1.8, 4),
        "mr_adc": (0.4, 0.8),
    },
    "haemangioma": {
        "nodularity": (0.65, 1.0),
        "rim_arterial": (60, 150),
        "core_delayed": (5, 60),
        "us_backscatter_db": (6, 12),
    },
    "fnh": {"scar": (0.33, 0.5), "core_arterial": (45, 120), "edge": (0, 0.12)},
    "focal_fat": {"core_native": (-60, -22)},
    "perfusion_anomaly": {"core_arterial": (30, 90), "wedge": (0.7, 1.5)},
}
"""Signs that a picture is to show; most lesions of a cohort do not show all of them."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A grey or colour image, how it is called, the grey window, and the height of a pixel over its width."""

    image: NDArray[Any]
    title: str
    window: tuple[float, float] | None = None
    aspect: float = 1.0


def figure(panels: Sequence[Panel], *, columns: int, path: Path, title: str, width: float = 2.6) -> None:
    """Draw `panels` row by row, each row as high as its highest panel."""
    rows = [panels[k : k + columns] for k in range(0, len(panels), columns)]
    heights = [width * max(map(_shape, row)) for row in rows]
    across, down = width * columns, sum(heights) + HEAD * (len(rows) + 1)
    plt.style.use("default")
    made = plt.figure(figsize=(across, down))
    made.suptitle(f"SIMULATED: {title}", fontsize=10, y=1 - 0.06 / down, va="top")
    top = down - HEAD
    for row, height in zip(rows, heights, strict=True):
        top -= HEAD + height
        for k, panel in enumerate(row):
            place = ((k + 0.01) * width / across, top / down, 0.98 * width / across, height / down)
            _draw(made.add_axes(place), panel)
    _save(made, path)
    plt.close(made)


def _draw(axis: Axes, panel: Panel) -> None:
    low, high = panel.window or (None, None)
    axis.axis("off")
    axis.imshow(panel.image, cmap="gray", vmin=low, vmax=high, aspect=panel.aspect)
    axis.set_title(panel.title, fontsize=8, pad=3)


def _shape(panel: Panel) -> float:
    return float(panel.image.shape[0] * panel.aspect / panel.image.shape[1])


def _save(made: Figure, path: Path) -> None:
    """As JPEG of the best quality that stays below `LARGEST_BYTES`."""
    for quality in range(90, 40, -5):
        made.savefig(path, dpi=DPI, pil_kwargs={"quality": quality})
        if path.stat().st_size < LARGEST_BYTES:
            return


def stage(study: str, *, number: int, source: str, shown: float) -> Patient:
    """A patient in whom `source` shows so much of the disease."""
    drawn = draw_patient(Scenario.of(study), seed=SEED, number=number)
    lean = replace(drawn.liver, fat=min(drawn.liver.fat, 0.05))
    return replace(drawn, shown={**drawn.shown, source: shown}, lesions=(), liver=lean)


def typical(kind: str, *, diameter_mm: float, seed: int = 0) -> Lesion:
    """A lesion of `kind` with the signs of the textbook, which many of its kind lack."""
    rng = np.random.default_rng(seed)
    while True:
        found = draw_lesion(rng, kind, diameter_mm=diameter_mm)
        look = found.look or {}
        if all(low <= look[name] <= high for name, (low, high) in SIGNS.get(kind, {}).items()):
            return found


def ball(lesion: Lesion, centre_mm: Sequence[float], grid: Grid) -> NDArray[np.bool_]:
    """Voxels (z, y, x) within the lesion were it a ball."""
    z, y, x = ((grid.axis_mm(axis) - mm) ** 2 for axis, mm in enumerate(centre_mm))
    return np.asarray(z[:, None, None] + y[:, None] + x <= (lesion.diameter_mm / 2) ** 2)


def middle_of(mask: NDArray[np.bool_]) -> tuple[int, int, int]:
    """The voxel (z, y, x) in the middle of what is shown of a lesion."""
    z, y, x = (round(float(index.mean())) for index in np.nonzero(mask))
    return z, y, x


def phases(folder: Path) -> None:
    """One patient with a hepatocellular carcinoma and a cyst in four phases, each where it lies in that phase."""
    patient = stage("D", number=5, source="ct", shown=0.5)
    patient = replace(patient, lesions=(typical("hcc", diameter_mm=38), typical("cyst", diameter_mm=24)))
    anatomy = abdomen(patient, CT_GRID)
    scans = {phase: ct_scan(patient, phase, grid=CT_GRID, anatomy=anatomy) for phase in PHASES}
    panels = []
    for lesion, place in zip(patient.lesions, anatomy.places, strict=True):
        where = ball(lesion, place.centre_mm, CT_GRID)
        for phase, scan in scans.items():
            plane = scan.hu[middle_of(scan.moved(where))[0]]
            panels.append(Panel(cropped(plane), f"{_name(lesion.kind)}, {phase}", ABDOMEN_HU))
    figure(panels, columns=4, path=folder / "phantom-ct-phases.jpg", title="CT in four phases")


def _name(kind: str) -> str:
    return NAMES.get(kind, kind).replace("_", " ")


def cropped(plane: NDArray[Any]) -> NDArray[Any]:
    """The rows and columns of a CT plane that hold the body, without the couch."""
    body, _ = ndimage.label(plane > -300)
    inside = body == np.bincount(body[body > 0]).argmax()
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    margin = 8
    return plane[
        max(rows[0] - margin, 0) : rows[-1] + margin, max(columns[0] - margin, 0) : columns[-1] + margin
    ]


def fibrosis(folder: Path) -> None:
    """The same person with little and with much fibrosis to be seen, axial and coronal."""
    axial, coronal = [], []
    for shown in (-1.5, 0.5, 2.5):
        patient = stage("A", number=4, source="ct", shown=shown)
        anatomy = abdomen(patient, CT_GRID)
        hu = ct_scan(patient, "portal", grid=CT_GRID, anatomy=anatomy).hu
        z, y, _ = middle_of(anatomy.liver)
        axial.append(Panel(cropped(hu[z + 3]), f"portal phase, shows {shown:+.1f} SD", ABDOMEN_HU))
        columns = np.flatnonzero((hu[z, y] > -300) & (anatomy.labels[z, y] > 0))
        plane = hu[::-1, y, columns[0] - 8 : columns[-1] + 8]
        coronal.append(Panel(plane, "coronal", ABDOMEN_HU, aspect=5.0 / 1.2))
    figure(
        [*axial, *coronal],
        columns=3,
        path=folder / "phantom-ct-fibrosis.jpg",
        title="fibrosis on CT",
        width=3.2,
    )


def lesions(folder: Path) -> None:
    """One of each kind with the signs of the textbook, phase by phase."""
    kinds = ("hcc", "icc", "metastasis", "haemangioma", "fnh", "cyst", "focal_fat", "perfusion_anomaly")
    grid = Grid((44, 260, 260), (4.0, 1.1, 1.1))
    shown: dict[str, list[Panel]] = {phase: [] for phase in PHASES}
    for n, kind in enumerate(kinds):
        patient = stage("D", number=31 + n, source="ct", shown=0.0)
        patient = replace(patient, lesions=(typical(kind, diameter_mm=36, seed=n),), scanners={"ct": "A"})
        anatomy = abdomen(patient, grid)
        where = ball(patient.lesions[0], anatomy.places[0].centre_mm, grid)
        for phase, row in shown.items():
            scan = ct_scan(patient, phase, grid=grid, anatomy=anatomy)
            row.append(_round(scan, middle_of(scan.moved(where)), f"{_name(kind)}, {phase}"))
    panels = [panel for row in shown.values() for panel in row]
    figure(panels, columns=8, path=folder / "phantom-ct-lesions.jpg", title="focal lesions on CT", width=1.6)


def _round(scan: CtScan, at: tuple[int, int, int], title: str, *, half_mm: float = 48) -> Panel:
    """The slice through a voxel, cut out round it."""
    half = int(half_mm / scan.grid.spacing_mm[1])
    z, y, x = at
    plane = np.pad(scan.hu[z], half, constant_values=-1000)
    return Panel(plane[y : y + 2 * half, x : x + 2 * half], title, (-10, 220))


def resonance(folder: Path) -> None:
    """One patient in every sequence."""
    patient = stage("C", number=7, source="mri", shown=0.5)
    patient = replace(patient, lesions=(typical("metastasis", diameter_mm=30),))
    anatomy = abdomen(patient, MR_GRID)
    where = ball(patient.lesions[0], anatomy.places[0].centre_mm, MR_GRID)
    panels = []
    for sequence in ("t1", "t2", "dwi", "adc", "hepatobiliary"):
        scan = mr_scan(patient, sequence, grid=MR_GRID, anatomy=anatomy)
        plane = scan.image[middle_of(scan.moved(where))[0]]
        rows = np.flatnonzero((anatomy.labels != 0).any(axis=(0, 2)))
        high = float(np.quantile(plane, 0.995)) if sequence != "adc" else 3000.0
        panels.append(Panel(plane[rows[0] : rows[-1]], sequence, (0, high)))
    figure(
        panels,
        columns=5,
        path=folder / "phantom-mri.jpg",
        title="MR of one patient with a metastasis",
    )


def echoes(folder: Path) -> None:
    """B-mode of little and much fibrosis, of a fatty liver and of lesions."""
    person = stage("B", number=13, source="bmode", shown=-0.5)
    made = {
        "little fibrosis": replace(person, shown={**person.shown, "bmode": -1.5}),
        "much fibrosis": replace(person, shown={**person.shown, "bmode": 2.5}),
        "fatty": replace(person, liver=replace(person.liver, fat=0.3)),
    }
    for kind in ("metastasis", "cyst", "haemangioma"):
        made[kind] = replace(person, lesions=(typical(kind, diameter_mm=28, seed=2),))
    panels = [Panel(b_mode(rf_frames(patient)).pixels[0], name, (0, 255)) for name, patient in made.items()]
    figure(panels, columns=3, path=folder / "phantom-ultrasound.jpg", title="B-mode from raw RF", width=3.2)


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
