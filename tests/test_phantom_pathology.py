"""SIMULATED H&E: what is recovered from the pixels against what was put there."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage

from hepar.core.errors import SimulationError
from hepar.phantom.pathology import (
    FIELD_MM2,
    KINDS,
    LOW_UM,
    SCANNERS,
    Artefact,
    Cell,
    Region,
    Slide,
    Tile,
    best_correlation,
    biology,
    levels,
    slide,
    stain,
    tile,
    unmixed,
)
from hepar.phantom.pathology.artefacts import soil
from hepar.phantom.pathology.biology import LOADINGS
from hepar.phantom.pathology.glands import crypts, tumour_glands
from hepar.phantom.pathology.tiles import SMALLEST_GLAND_UM2
from hepar.phantom.pathology.tissue import window_over
from hepar.phantom.patient import Liver, Patient, Person, Tumour

WHITE = 215
"""Levels of all three colours above which a pixel is taken for glass or a lumen."""


def patient(number: int = 0, *, shown: float = 0.0, scanner: str = "A", grade: int = 2) -> Patient:
    return Patient(
        study="E",
        seed=3,
        number=number,
        person=Person("f", 60, 1.65, 65, "A"),
        liver=Liver("healthy", 0, 0.02, 0, 0.03, 0, 1.0),
        shown={"slide": shown},
        scanners={"slide": scanner},
        has=frozenset({"slide"}),
        tumour=Tumour(0, 3, 1, 1, 15, grade, 3.0, rectal=False),
    )


@cache
def small_slide(number: int = 0, soiled: bool = False) -> Slide:
    return slide(patient(number), size_px=(700, 800), um_per_px=2.0, soiled=soiled)


def dark_blobs(found: Tile, who: Patient, *, above: float, least_px: int) -> int:
    """Connected parts that are rich in haematoxylin, after unmixing with the known stain."""
    haematoxylin = ndimage.gaussian_filter(unmixed(found.rgb, stain(who))[0], 0.8)
    labels, n = ndimage.label(haematoxylin > above)
    areas = ndimage.sum_labels(np.ones_like(labels), labels, np.arange(1, n + 1))
    return int((areas >= least_px).sum())


def test_the_same_patient_gives_the_same_tile_and_another_index_another() -> None:
    first = tile(patient(), size_px=128)
    assert np.array_equal(first.rgb, tile(patient(), size_px=128).rgb)
    assert not np.array_equal(first.rgb, tile(patient(), size_px=128, index=1).rgb)
    assert not np.array_equal(first.rgb, tile(patient(1), size_px=128).rgb)


def test_a_tile_does_not_depend_on_what_was_made_before() -> None:
    late = tile(patient(5), size_px=96, kind="front", index=3).rgb
    tile(patient(6), size_px=96, kind="normal")
    assert np.array_equal(late, tile(patient(5), size_px=96, kind="front", index=3).rgb)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_tile_is_mostly_what_it_is_called(kind: str) -> None:
    parts = {
        "tumour": ("TUMOUR", "LUMEN", "NECROSIS", "MUCUS"),
        "front": ("STROMA", "TUMOUR"),
        "stroma": ("STROMA",),
        "lymphocytes": ("STROMA",),
        "normal": ("NORMAL", "LUMEN"),
        "necrosis": ("NECROSIS",),
        "mucus": ("MUCUS",),
        "muscle": ("MUSCLE",),
        "fat": ("FAT",),
        "glass": ("GLASS",),
    }[kind]
    shares = [tile(patient(n), size_px=256, um_per_px=1.0, kind=kind).shares for n in range(3)]
    assert sum(share[part] for share in shares for part in parts) / 3 > 0.45
    assert all(abs(sum(share.values()) - 1) < 1e-9 for share in shares)


def test_normal_crypts_stand_close_together_and_do_not_touch() -> None:
    places = window_over(500.0, 500.0, margin_um=0.0)
    for seed in range(4):
        level, _ = crypts(places, np.random.default_rng(seed), places_um=places.points_um(), along=False)
        # profiles of about 80 um: at least 25 of them, apart from each other, fill most of the mucosa
        _, count = ndimage.label(level > 1.5)
        assert 25 <= count <= 60
        assert 0.63 < float((level > 0).mean()) < 0.8


def test_glass_is_white_and_tissue_is_not() -> None:
    glass = tile(patient(), size_px=96, kind="glass").rgb
    muscle = tile(patient(), size_px=96, kind="muscle").rgb
    assert (glass.min(axis=2) > WHITE).mean() > 0.99
    assert (muscle.min(axis=2) > WHITE).mean() < 0.1


@pytest.mark.parametrize("scanner", sorted(SCANNERS))
def test_lymphocytes_are_counted_on_the_image_within_a_fifth(scanner: str) -> None:
    """Clumps of touching cells count once, so that the threshold and the tolerance are generous."""
    counted = expected = 0
    for n in range(3):
        who = patient(n, scanner=scanner)
        found = tile(who, size_px=384, kind="stroma")
        counted += dark_blobs(found, who, above=0.85, least_px=25)
        expected += sum(found.counts[kind.name] for kind in (Cell.LYMPHOCYTE, Cell.FIBROBLAST, Cell.PLASMA))
    assert counted == pytest.approx(expected, rel=0.2)


def test_lymphocyte_density_follows_the_biology_of_the_patient() -> None:
    """Clusters make single tiles differ: with 4 fields of 0.26 mm2 a factor of 1.6 is expected by chance at most."""
    for number in (0, 1):
        who = patient(number)
        tiles = [tile(who, size_px=256, um_per_px=2.0, kind="stroma", index=k) for k in range(4)]
        density = sum(t.counts["LYMPHOCYTE"] for t in tiles) / sum(t.area_mm2 for t in tiles)
        assert density == pytest.approx(biology(who).lymphocytes_mm2, rel=0.6)


def test_tumour_buds_of_the_front_are_those_asked_for() -> None:
    """The count over many fields is Poisson: three standard errors, and 10 % for the front's geometry."""
    who = patient(2, shown=1.0)
    tiles = [tile(who, size_px=350, um_per_px=2.0, kind="front", index=k) for k in range(5)]
    found = sum(t.counts["BUD"] for t in tiles)
    expected = biology(who).buds_per_field / FIELD_MM2 * sum(t.area_mm2 for t in tiles)
    assert abs(found - expected) < 3 * np.sqrt(expected) + 0.1 * expected


@cache
def field(number: int) -> Tile:
    """1 mm2 of a tumour."""
    return tile(patient(number), size_px=500, um_per_px=2.0)


def test_the_stroma_of_the_tumour_is_the_share_asked_for() -> None:
    """A field of 1 mm2 differs by 0.06 (SD): three of it for each patient, three standard errors on average."""
    error = []
    for number in range(6):
        found = field(number)
        gland = sum(found.shares[part] for part in ("TUMOUR", "LUMEN", "NECROSIS", "MUCUS"))
        error.append(1 - gland - biology(patient(number)).stroma)
    assert max(abs(e) for e in error) < 0.18
    assert abs(np.mean(error)) < 3 * 0.06 / np.sqrt(6)


def test_a_tumour_with_much_stroma_still_has_glands() -> None:
    traits = replace(biology(patient()), stroma=0.85, gland_um=200.0)
    window = window_over(2000, 2000, margin_um=0)
    glands = tumour_glands(
        window, np.random.default_rng(0), biology=traits, where=lambda centres: np.ones(len(centres), bool)
    )
    assert 0.05 < (glands.epithelium > 0).mean() < 0.3


def test_glands_are_counted_on_the_image() -> None:
    """Parts purple with haematoxylin, lumina filled: a sixth too few on other tumours, since near ones run together."""
    counted, truth = [], []
    for number in range(6):
        found = field(number)
        purple = ndimage.gaussian_filter(unmixed(found.rgb, stain(patient(number)))[0], 1.5) > 0.4
        parts, n = ndimage.label(ndimage.binary_opening(ndimage.binary_fill_holes(purple), iterations=6))
        areas = ndimage.sum_labels(parts > 0, parts, np.arange(1, n + 1)) * found.um_per_px**2
        counted.append((areas > SMALLEST_GLAND_UM2).sum())
        truth.append(found.counts["GLAND"])
    assert 0.6 < sum(counted) / sum(truth) < 1.1
    assert np.corrcoef(counted, truth)[0, 1] > 0.5


@pytest.mark.parametrize("scanner", sorted(SCANNERS))
def test_stain_vectors_are_recovered_from_the_colours(scanner: str) -> None:
    """The two extreme directions of optical density (Macenko 2009), within 12 degrees of the truth: cells mix dyes."""
    who = patient(3, scanner=scanner)
    look = stain(who)
    pixels = np.concatenate(
        [tile(who, size_px=256, index=k, kind="front").rgb.reshape(-1, 3) for k in range(3)]
    )
    density = -np.log(np.maximum(pixels, 1) / look.white) / look.gamma
    density = density[density.min(axis=1) > 0.1]
    _, axes = np.linalg.eigh(np.cov(density.T))
    plane = axes[:, [2, 1]] * np.sign(axes[:, [2, 1]].sum(axis=0))
    angle = np.arctan2(*(density @ plane).T[::-1])
    ends = [plane @ [np.cos(a), np.sin(a)] for a in np.percentile(angle, [1, 99])]
    eosin, haematoxylin = sorted(ends, key=lambda v: v[0])
    for dye, estimate in enumerate((haematoxylin, eosin)):
        truth = look.density[dye] / np.linalg.norm(look.density[dye])
        assert np.degrees(np.arccos(np.clip(truth @ estimate, -1, 1))) < 12


def test_laboratories_differ_more_than_patients_of_one() -> None:
    def colour(scanner: str) -> NDArray[np.float64]:
        return np.array(
            [
                tile(patient(n, scanner=scanner), size_px=64, kind="muscle").rgb.mean(axis=(0, 1))
                for n in range(8)
            ]
        )

    first, second = colour("A"), colour("B")
    apart = np.abs(first.mean(axis=0) - second.mean(axis=0)) / np.sqrt(first.var(axis=0) + second.var(axis=0))
    assert apart.max() > 1


def test_traits_vary_between_patients_more_than_with_the_risk() -> None:
    assert all(abs(r) <= 0.6 for r in LOADINGS.values())
    rng = np.random.default_rng(0)
    shown = rng.standard_normal(400)
    found = [biology(patient(n, shown=float(z))) for n, z in enumerate(shown)]
    for trait, name in {
        "buds": "buds_per_field",
        "stroma": "stroma",
        "lymphocytes": "lymphocytes_mm2",
    }.items():
        values = [getattr(one, name) for one in found]
        ranks = np.argsort(np.argsort(values))
        assert np.corrcoef(ranks, shown)[0, 1] == pytest.approx(LOADINGS[trait], abs=0.13)


def test_the_best_reader_does_better_than_any_trait_and_is_not_perfect() -> None:
    assert max(abs(r) for r in LOADINGS.values()) < best_correlation() < 0.9


def test_without_a_shown_value_nothing_predicts() -> None:
    who = patient(4)
    bare = Patient(who.study, who.seed, who.number, who.person, who.liver, {}, {}, who.has, tumour=who.tumour)
    assert biology(bare) == biology(who)


def test_the_tissue_mask_is_where_the_slide_is_not_white() -> None:
    """Lumina, fat and slits are white too, and belong to the tissue: what is white around it is not in the mask."""
    found = small_slide()
    step = int(LOW_UM / found.um_per_px)
    rows, columns = (n * step for n in found.tissue.shape)
    blocks = (
        found.rgb[:rows, :columns]
        .min(axis=2)
        .reshape(rows // step, step, columns // step, step)
        .mean(axis=(1, 3))
    )
    stained = blocks < WHITE
    fat = found.regions == Region.FAT
    assert stained[~found.tissue].mean() < 0.03
    assert stained[found.tissue & ~fat].mean() > 0.75


def test_a_slide_shows_all_its_parts() -> None:
    found = small_slide()
    assert all(found.shares[part.name] > 0.01 for part in Region)
    assert found.counts["NORMAL"] > 50
    assert found.counts["COLUMNAR"] + found.counts["TUMOUR"] > 200
    assert found.counts["BUD"] >= 0
    assert found.buds_per_field >= 0


@pytest.mark.parametrize("kind", [k for k in Artefact if k is not Artefact.FOLD])
def test_artefacts_change_the_picture_where_they_are_marked(kind: Artefact) -> None:
    clean = np.random.default_rng(0).integers(150, 240, (600, 500, 3), dtype=np.uint8)
    dirty = clean.copy()
    patches = soil(dirty, np.random.default_rng(1), kinds=frozenset({kind}), um_per_px=1.0)
    marked = np.zeros(clean.shape[:2], bool)
    for patch in patches:
        y, x = patch.corner
        rows, columns = patch.cover.shape
        marked[y : y + rows, x : x + columns] |= patch.cover > 0.3
    change = np.abs(dirty.astype(int) - clean).max(axis=2) > 3
    assert {patch.kind for patch in patches} == {kind}
    assert change[marked].mean() > 0.8
    assert change[~marked].mean() < 0.15


def test_a_slide_without_artefacts_has_none_marked_and_a_soiled_one_differs_there() -> None:
    clean, dirty = small_slide(), small_slide(soiled=True)
    assert not clean.artefacts.any()
    assert dirty.artefacts.any()
    assert np.array_equal(clean.tissue, dirty.tissue)


def test_levels_are_means_of_the_level_before() -> None:
    rgb = np.random.default_rng(0).integers(0, 256, (1030, 2051, 3), dtype=np.uint8)
    found = levels(rgb, factor=4, least_px=200)
    assert [level.shape[:2] for level in found] == [(1030, 2051), (257, 512), (64, 128)]
    block = rgb[4:8, 8:12].reshape(-1, 3).astype(float).mean(axis=0)
    assert np.abs(found[1][1, 2] - block).max() <= 0.5


REFUSED: dict[str, tuple[Callable[[], object], str]] = {
    "kind": (lambda: tile(patient(), kind="tumor"), "did you mean 'tumour'"),
    "size": (lambda: tile(patient(), size_px=-5), "tile of -5 pixels"),
    "pixel": (lambda: tile(patient(), um_per_px=float("nan")), "pixel of nan um"),
    "zero": (lambda: slide(patient(), um_per_px=0.0), "pixel of 0.0 um"),
    "index": (lambda: tile(patient(), index=-1), "no tile -1"),
    "scanner": (lambda: tile(patient(scanner="Z")), "no slide scanner 'Z'"),
    "narrow": (lambda: slide(patient(), size_px=(300, 4096)), "at least 900 um"),
    "huge": (lambda: slide(patient(), size_px=(99_000, 99_000)), "at most 12000 pixels"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_made_is_refused_with_what_is_allowed(name: str) -> None:
    make, message = REFUSED[name]
    with pytest.raises(SimulationError, match=message):
        make()
