from itertools import permutations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread
from numpy.typing import NDArray

from hepar.core.errors import DataError
from hepar.imaging.geometry import Volume, affine_of
from hepar.report.case_page import case_page, image_facts, region_facts
from hepar.report.feature_maps import feature_map_page, turned_maps
from hepar.report.overlays import COLOURS, DASHES, legend_block, montage, reading, slices_block, style_of
from hepar.report.sheet import DPI, WIDTH_IN, Block, Canvas, footer, heading
from hepar.report.slices import LIVER_WINDOW_HU, chosen_slices, view

SPACING_MM = (4.0, 1.5, 1.0)
SHAPE = (20, 40, 64)
PAIRS = [("S", "I"), ("P", "A"), ("L", "R")]
CODES = ["".join(ends) for order in permutations(PAIRS) for ends in product(*order)]


def _volume(array: NDArray[Any], *, modality: str = "CT", unit: str = "HU") -> Volume:
    z, y, x = SPACING_MM
    return Volume(array, affine_of([[0, 0, z], [0, y, 0], [x, 0, 0]], (-30, -20, 50)), modality, unit)


IMAGE = _volume(np.random.default_rng(0).normal(60, 30, SHAPE).astype(np.float32))


def _mask(*box: slice) -> Volume:
    array = np.zeros(SHAPE, dtype=bool)
    array[box] = True
    return _volume(array, modality="", unit="")


LIVER = _mask(slice(2, 18), slice(5, 30), slice(10, 50))
LESION = _mask(slice(4, 5), slice(12, 15), slice(20, 24))
REGIONS = {"liver": LIVER, "lesion": LESION}


class Recorder(Canvas):
    """Keeps what is written, and draws nothing."""

    __slots__ = ("said",)

    def __init__(self) -> None:
        self.said: list[tuple[str, dict[str, Any]]] = []

    def text(self, left: float, top: float, text: str, **style: Any) -> None:
        self.said.append((text, style))

    def axes(self, left: float, top: float, *, width: float, height: float) -> Axes:
        return Figure().add_axes((0, 0, 1, 1))


def _said(block: Block) -> list[str]:
    recorder = Recorder()
    block.draw(recorder, 0.0)
    return [text for text, _ in recorder.said]


@pytest.mark.parametrize("code", CODES)
def test_a_slice_looks_the_same_however_the_file_stores_its_axes(code: str) -> None:
    across = {pair[0]: pair for pair in PAIRS}
    reference = {"S": "SPL", "P": "PIL", "L": "LIP"}
    letter = next(first for first, pair in across.items() if code[0] in pair)
    expected = view(IMAGE.oriented(reference[letter]), REGIONS)
    found = view(IMAGE.oriented(code), REGIONS)
    np.testing.assert_array_equal(found.image.array, expected.image.array)
    assert found.sides == expected.sides
    assert found.box == expected.box
    for name in REGIONS:
        np.testing.assert_array_equal(found.masks[name], expected.masks[name])


def test_axial_slices_are_seen_from_the_feet_with_the_patients_left_at_the_right() -> None:
    found = view(IMAGE, REGIONS)
    assert found.sides == ("R", "L", "A", "P")
    assert reading(found) == "Axial, seen from the feet. Grey: -15 to 135 HU (liver window)."


@pytest.mark.parametrize(("code", "sides"), [("PSL", ("R", "L", "S", "I")), ("RSA", ("A", "P", "S", "I"))])
def test_coronal_and_sagittal_slices_have_the_head_above(code: str, sides: tuple[str, ...]) -> None:
    assert view(IMAGE.oriented(code), REGIONS).sides == sides


def test_slices_keep_the_number_that_they_have_in_the_file() -> None:
    assert view(IMAGE, REGIONS).numbers.tolist() == list(range(20))
    assert view(IMAGE.oriented("IPL"), REGIONS).numbers.tolist() == list(range(19, -1, -1))


def test_only_a_ct_in_hu_has_the_liver_window() -> None:
    assert view(IMAGE, REGIONS).window == LIVER_WINDOW_HU
    mr = _volume(IMAGE.array, modality="MR", unit="")
    low, high = view(mr, REGIONS).window
    assert low < 0 < 120 < high
    assert reading(view(mr, REGIONS)).endswith("(1st to 99th percentile).")


def test_a_constant_image_still_has_a_window() -> None:
    low, high = view(_volume(np.full(SHAPE, 7.0), modality="US", unit=""), REGIONS).window
    assert low < 7 < high


def test_slices_spread_over_the_regions_and_each_region_is_in_one() -> None:
    found = view(IMAGE, REGIONS)
    chosen = chosen_slices(found, 4)
    assert chosen == [4, 8, 12, 16]
    between = view(IMAGE, {**REGIONS, "between": _mask(slice(10, 11), slice(3, 5), slice(3, 5))})
    assert chosen_slices(between, 4) == [4, 8, 10, 12, 16]
    assert chosen_slices(found, 100) == list(range(2, 18))


def test_the_crop_shows_at_least_six_centimetres_or_the_whole_image() -> None:
    found = view(IMAGE, {"lesion": LESION})
    tall, wide = found.size_mm
    assert wide == pytest.approx(60)
    assert tall == pytest.approx(60)
    assert view(IMAGE, {}).size_mm == pytest.approx((60, 64))


def test_no_two_regions_look_alike() -> None:
    many = view(IMAGE, {f"part {n}": LIVER for n in range(len(COLOURS) * len(DASHES))})
    styles = {str(style_of(many, name)) for name in many.masks}
    assert len(styles) == len(COLOURS) * len(DASHES)


def test_the_picture_has_the_true_proportions_of_the_patient() -> None:
    block = slices_block(view(IMAGE, {}), 1)
    assert block.height_in == pytest.approx(3.4)
    wide = slices_block(view(_volume(np.ones((1, 10, 64))), {}), 1)
    assert wide.height_in == pytest.approx((WIDTH_IN - 0.6) * 15 / 64)


def test_a_montage_is_a_png_with_the_same_bytes_each_time(tmp_path: Path) -> None:
    first = montage(IMAGE, REGIONS, tmp_path / "a" / "one.png")
    second = montage(IMAGE, REGIONS, tmp_path / "two.png")
    assert first.read_bytes() == second.read_bytes()
    picture = imread(first)
    assert picture.shape[1] == round(WIDTH_IN * DPI)


def test_outlines_are_drawn_in_the_colour_of_their_region(tmp_path: Path) -> None:
    picture = imread(montage(IMAGE, {"liver": LIVER}, tmp_path / "a.png"))[..., :3]
    orange = np.array([0xE6, 0x9F, 0x00]) / 255
    assert (np.abs(picture - orange).max(axis=-1) < 0.02).sum() > 1000


def test_simulated_data_are_called_so() -> None:
    assert any("SIMULATED" in text for text in _said(heading("Case", simulated=True)))
    assert not any("SIMULATED" in text for text in _said(heading("Case", simulated=False)))


def test_every_picture_says_that_it_is_for_research() -> None:
    assert "Not a medical device; for research use only." in _said(footer("x"))


def test_facts_of_a_region_count_voxels_parts_and_the_sides_of_the_image_it_touches() -> None:
    mask = np.zeros(SHAPE, dtype=bool)
    mask[0:2, 3:6, 60:64] = True
    mask[5, 20, 20] = True
    shown = view(IMAGE, {"two": _volume(mask)})
    facts = region_facts(shown, "two", shown.masks["two"])
    assert (facts.voxels, facts.parts, facts.slices) == (25, 2, 3)
    assert facts.volume_ml == pytest.approx(25 * 6 / 1000)
    assert facts.borders == ("I", "L")
    low, middle, high = facts.percentiles
    assert low < middle < high


def test_a_single_slice_does_not_touch_the_border_across() -> None:
    one = _volume(IMAGE.array[:1])
    shown = view(one, {"liver": _volume(LIVER.array[5:6])})
    assert region_facts(shown, "liver", shown.masks["liver"]).borders == ()


def test_voxels_that_are_not_finite_are_counted_and_left_out() -> None:
    array = IMAGE.array.copy()
    array[5, 10, 20:23] = np.nan
    image = _volume(array)
    shown = view(image, {"liver": LIVER})
    facts = region_facts(shown, "liver", shown.masks["liver"])
    assert facts.not_finite == 3
    assert np.isfinite(facts.percentiles).all()
    assert "3 voxels not finite" in image_facts(image)


def test_a_case_page_shows_regions_maps_and_facts(tmp_path: Path) -> None:
    maps = {"mean": _volume(np.where(LIVER.array, IMAGE.array, np.nan))}
    alone = case_page(IMAGE, REGIONS, tmp_path / "alone.png", title="C001")
    with_maps = case_page(IMAGE, REGIONS, tmp_path / "maps.png", maps=maps, title="C001")
    none = case_page(IMAGE, {}, tmp_path / "none.png")
    heights = [imread(path).shape[0] for path in (none, alone, with_maps)]
    assert heights == sorted(heights)
    assert len(set(heights)) == 3


def test_the_legend_says_name_and_volume() -> None:
    assert _said(legend_block(view(IMAGE, REGIONS))) == ["liver: 96 mL", "lesion: 0.072 mL"]
    assert legend_block(view(IMAGE, {})).height_in == 0


def test_maps_with_both_signs_have_zero_in_the_middle_of_their_colours() -> None:
    shown = view(IMAGE, {"liver": LIVER})
    signed = _volume(np.linspace(-1, 3, IMAGE.array.size).reshape(SHAPE))
    amount = _volume(np.linspace(1, 3, IMAGE.array.size).reshape(SHAPE))
    flat = _volume(np.full(SHAPE, 2.0))
    first, second, third = turned_maps(shown, IMAGE, {"signed": signed, "amount": amount, "flat": flat})
    assert first.ends[0] == -first.ends[1]
    assert first.colours == "PuOr_r"
    assert 1 < second.ends[0] < second.ends[1] < 3
    assert second.colours == "cividis"
    assert third.ends == (1.5, 2.5)
    assert np.isnan(first.values[~shown.masks["liver"]]).all()


def test_a_page_of_maps_is_written_for_any_orientation(tmp_path: Path) -> None:
    maps = {"value": IMAGE.oriented("LSP")}
    path = feature_map_page(IMAGE, maps, tmp_path / "maps.png", mask=LIVER.oriented("IAR"), simulated=True)
    assert imread(path).shape[1] == round(WIDTH_IN * DPI)


def test_what_cannot_be_shown_is_refused_by_name() -> None:
    nothing = Path("unwritten.png")
    with pytest.raises(DataError, match="'empty' has no voxel"):
        montage(IMAGE, {"empty": _volume(np.zeros(SHAPE, dtype=bool))}, nothing)
    with pytest.raises(DataError, match="grids differ"):
        montage(IMAGE, {"other": _volume(np.ones((5, 40, 64), dtype=bool))}, nothing)
    with pytest.raises(DataError, match="'void' has no finite value"):
        feature_map_page(IMAGE, {"void": _volume(np.full(SHAPE, np.nan))}, nothing, mask=LIVER)
    with pytest.raises(DataError, match="give its mask too"):
        case_page(IMAGE, {}, nothing, maps={"value": IMAGE})
    assert not nothing.exists()
