import csv
import json
import math
import subprocess
import sys
from itertools import permutations, product
from typing import Any

import numpy as np
import pytest
from benchmarks.ibsi2 import GOLDEN

from hepar.core.errors import DataError, ProtocolError
from hepar.features.filters import MEMBERS, Filter
from hepar.features.filters.ibsi import ibsi_filters
from hepar.imaging.geometry import Volume, affine_of

SPACING_MM = (2.5, 1.2, 0.8)
EXAMPLES: list[dict[str, Any]] = [
    {"kind": "mean", "support_voxels": 3},
    {"kind": "mean", "support_voxels": 3, "dimensions": 2, "boundary": "zero"},
    {"kind": "log", "sigma_mm": 2.0},
    {"kind": "log", "sigma_mm": 1.5, "dimensions": 2, "truncate": 3.0},
    {"kind": "laws", "kernels": "E5L5S3", "energy_distance_voxels": 2},
    {"kind": "laws", "kernels": "L5R5", "dimensions": 2, "pooling": None, "energy_distance_voxels": None},
    {"kind": "gabor", "sigma_mm": 2.0, "wavelength_mm": 6.0, "aspect": 1.5, "step_deg": 90.0},
    {"kind": "gabor", "sigma_mm": 2.0, "wavelength_mm": 3.0, "angle_deg": 30.0, "dimensions": 2},
    {"kind": "wavelet", "wavelet": "db2", "subbands": ("LHL", "HHL")},
    {"kind": "wavelet", "wavelet": "haar", "level": 2, "dimensions": 2, "boundary": "nearest"},
    {"kind": "wavelet", "wavelet": "coif1", "subbands": ("LLH",), "pooling": "max"},
    {"kind": "simoncelli", "level": 2},
    {"kind": "shannon", "dimensions": 2},
    {"kind": "riesz_log", "sigma_mm": 2.0, "order": (1, 0, 0)},
    {"kind": "riesz_log", "sigma_mm": 2.0, "order": (0, 2), "dimensions": 2, "align_mm": 3.0},
    {"kind": "riesz_simoncelli", "order": (1, 1, 0)},
]
FILTERS = [Filter.parse(example) for example in EXAMPLES]


def _volume(shape: tuple[int, int, int] = (14, 16, 18), seed: int = 0) -> Volume:
    z, y, x = SPACING_MM
    affine = affine_of([[0, 0, z], [0, y, 0], [x, 0, 0]], (10, 20, 30))
    return Volume(np.random.default_rng(seed).normal(60, 20, shape).astype(np.float32), affine, "CT", "HU")


@pytest.mark.parametrize("kind", MEMBERS)
def test_every_kind_has_an_example_here(kind: str) -> None:
    assert kind in {example["kind"] for example in EXAMPLES}


@pytest.mark.parametrize("member", FILTERS, ids=lambda member: member.name)
def test_a_filter_survives_json_and_cannot_be_changed(member: Filter) -> None:
    assert Filter.parse(json.loads(member.model_dump_json())) == member
    with pytest.raises(ValueError, match="frozen"):
        member.__setattr__("boundary", "zero")


def test_names_tell_filters_apart_and_suit_a_column() -> None:
    names = [name for member in FILTERS for name in member.names]
    assert len(set(names)) == len(names)
    assert all(name == name.lower() and " " not in name for name in names)
    assert Filter.parse({"kind": "log", "sigma_mm": 3}).name == "log_3mm"
    assert Filter.parse({"kind": "wavelet"}).names[0] == "wavelet_coif1_lll"


@pytest.mark.parametrize("member", FILTERS, ids=lambda member: member.name)
def test_responses_come_one_at_a_time_by_name_on_the_grid_of_the_image(member: Filter) -> None:
    volume = _volume()
    found = dict(member.apply(volume))
    assert set(found) == set(member.names)
    for response in found.values():
        assert response.array.shape == volume.array.shape
        assert response.array.dtype == np.float32
        np.testing.assert_allclose(response.affine, volume.affine)
        assert response.modality == "CT"
        assert response.unit == ("HU" if member.kind == "mean" else "")


@pytest.mark.parametrize("member", FILTERS, ids=lambda member: member.name)
def test_an_image_cropped_to_a_region_and_its_margin_gives_the_same_response_in_it(member: Filter) -> None:
    margin = member.margin_mm(SPACING_MM)
    whole = _volume((24, 40, 60))
    region = (slice(10, 13), slice(18, 22), slice(28, 34))
    far = [0 if math.isinf(mm) else round(mm / edge) for mm, edge in zip(margin, SPACING_MM, strict=True)]
    box = tuple(
        slice(None) if math.isinf(mm) else slice(max(part.start - n, 0), part.stop + n)
        for part, n, mm in zip(region, far, margin, strict=True)
    )
    cropped = whole.like(np.ascontiguousarray(whole.array[box]))
    inside = tuple(
        slice(part.start - (cut.start or 0), part.stop - (cut.start or 0))
        for part, cut in zip(region, box, strict=True)
    )
    expected = dict(member.apply(whole))
    for name, response in member.apply(cropped):
        exact = member.kind not in ("gabor", "simoncelli", "shannon", "riesz_log", "riesz_simoncelli")
        there, here = expected[name].array[region], response.array[inside]
        np.testing.assert_allclose(here, there, rtol=0, atol=0 if exact else 1e-4 * np.abs(there).max())


def test_the_margin_is_no_wider_than_it_must_be() -> None:
    for member in FILTERS:
        margin = [mm for mm in member.margin_mm(SPACING_MM) if 0 < mm < math.inf]
        if not margin or member.kind == "gabor":  # a Gabor kernel ends in all but nothing
            continue
        impulse = _volume((61, 61, 61))
        impulse.array[:] = 0
        impulse.array[30, 30, 30] = 1
        reached = np.zeros((61, 61, 61), dtype=bool)
        for _, response in member.apply(impulse):
            reached |= np.abs(response.array) > 0
        ends = np.abs(np.argwhere(reached) - 30).max(axis=0) * SPACING_MM
        assert ends == pytest.approx(member.margin_mm(SPACING_MM)), member.name


def test_a_periodic_image_cannot_be_cropped() -> None:
    member = Filter.parse({"kind": "mean", "boundary": "periodic", "dimensions": 2})
    assert member.margin_mm(SPACING_MM) == (0, math.inf, math.inf)


@pytest.mark.parametrize("member", FILTERS, ids=lambda member: member.name)
def test_how_a_file_stores_its_axes_does_not_change_the_response(member: Filter) -> None:
    volume = _volume((8, 10, 12))
    expected = dict(member.apply(volume))
    across = ["S", "I"] if member.dimensions == 2 else ["S", "I", "A", "P", "R", "L"]
    pairs = [("S", "I"), ("P", "A"), ("L", "R")]
    codes = ["".join(ends) for order in permutations(pairs) for ends in product(*order)]
    for code in [code for code in codes if code[0] in across][:: 3 if member.dimensions == 3 else 1]:
        for name, response in member.apply(volume.oriented(code)):
            assert response.orientation == code
            np.testing.assert_array_equal(response.oriented("SPL").array, expected[name].array)


def test_filters_in_the_slice_work_in_the_plane_that_was_acquired() -> None:
    coronal = _volume().oriented("PSL")
    member = Filter.parse({"kind": "mean", "dimensions": 2, "support_voxels": 3})
    [(_, response)] = member.apply(coronal)
    alone = coronal.like(np.ascontiguousarray(coronal.array[4:5]))
    [(_, of_one)] = member.apply(alone)
    np.testing.assert_array_equal(response.array[4:5], of_one.array)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"kind": "mean", "support_voxels": 4}, "odd number"),
        ({"kind": "log"}, "sigma_mm"),
        ({"kind": "log", "sigma_mm": 0}, "sigma_mm"),
        ({"kind": "log", "sigma_mm": 1, "dimensions": 4}, "dimensions"),
        ({"kind": "log", "sigma_mm": 1, "boundary": "reflect"}, "mirror"),
        ({"kind": "laws", "kernels": "L5W3E5"}, "kernels"),
        ({"kind": "laws", "kernels": "L5E5"}, "dimensions: 2"),
        ({"kind": "gabor", "sigma_mm": 3, "wavelength_mm": 4, "step_deg": 50}, "divide 360"),
        ({"kind": "wavelet", "wavelet": "coiff1"}, "did you mean 'coif1'"),
        ({"kind": "wavelet", "subbands": ["LH"]}, "dimensions: 2"),
        ({"kind": "wavelet", "subbands": ["LHL", "LHL"]}, "twice"),
        ({"kind": "riesz_log", "sigma_mm": 2, "order": [1, 0]}, "3 numbers"),
        ({"kind": "riesz_simoncelli", "order": [0, 0, 0]}, "not all 0"),
        ({"kind": "log2", "sigma_mm": 2}, "did you mean 'log'"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ProtocolError, match=message):
        Filter.parse(settings)


def test_an_image_that_is_not_finite_is_refused_with_the_number_of_voxels() -> None:
    volume = _volume()
    volume.array[2, 3, 4] = np.nan
    with pytest.raises(DataError, match=r"log_3mm: 1 voxels"):
        list(Filter.parse({"kind": "log", "sigma_mm": 3}).apply(volume))


def test_a_filter_describes_itself_with_the_identifier_and_its_settings() -> None:
    text = Filter.parse({"kind": "log", "sigma_mm": 3}).describe()
    assert text.startswith("Laplacian of Gaussian (L6PA): ")
    assert "sigma_mm 3" in text
    assert "boundary mirror" in text


def test_the_standards_filters_are_those_of_its_table_of_values() -> None:
    rows = csv.DictReader((GOLDEN / "ibsi2_reference_values.csv").read_text().splitlines(), delimiter=";")
    found = ibsi_filters()
    assert set(found) == {row["filter_id"] for row in rows}
    assert [number for number, member in found.items() if member is None] == ["1.A", "1.B"]
    for number, member in found.items():
        if member is not None:
            assert member.dimensions == (2 if number.endswith("A") else 3)
            assert len(member.names) == 1


def test_naming_filters_needs_no_compiler() -> None:
    code = (
        "import sys; from hepar.features.filters import Filter;"
        "Filter.parse({'kind': 'log', 'sigma_mm': 3}).describe();"
        "sys.exit(bool({'numba', 'scipy', 'pywt'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
