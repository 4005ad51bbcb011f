"""Pictures that are one are found, pictures of different SIMULATED patients are not."""

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from hepar.core.errors import DataError
from hepar.imaging.likeness import Pair, alike, exact_digest, fingerprint_of, grey_picture, slices_of
from hepar.imaging.likeness.border import without_border
from hepar.imaging.likeness.fingerprint import Fingerprint
from hepar.imaging.likeness.picture import by_rank, levels_of, shrunk
from hepar.imaging.likeness.pose import POSES, waves_of
from hepar.phantom.ultrasound.sketch import sketched_b_mode

Picture = NDArray[np.uint8]
N = 120


def sketches(n: int, *, seed: int) -> list[Picture]:
    rng = np.random.default_rng(seed)
    return [sketched_b_mode(rng, stage=k % 5) for k in range(n)]


def prints(pictures: Sequence[NDArray[Any]]) -> list[Fingerprint]:
    return [fingerprint_of(grey_picture(one), digest=exact_digest(one)) for one in pictures]


def owners(n: int) -> list[str]:
    return [f"P{k}" for k in range(n)]


@pytest.fixture(scope="module")
def pictures() -> list[Picture]:
    return sketches(N, seed=0)


def jpeg(picture: Picture, quality: int) -> Picture:
    image = pytest.importorskip("PIL.Image")
    buffer = io.BytesIO()
    image.fromarray(picture).save(buffer, "JPEG", quality=quality)
    return np.asarray(image.open(buffer))


def halved(picture: Picture) -> Picture:
    return np.round(shrunk(picture.astype(np.float32), (48, 64))).astype(np.uint8)


def framed(picture: Picture, *, grey: int = 0) -> Picture:
    return np.pad(picture, ((25, 20), (30, 30)), constant_values=grey)


DISTURBED: Mapping[str, Callable[[Picture], Picture]] = {
    "half the size": halved,
    "cropped by 2 to 5 %": lambda p: p[4:-3, 3:-6],
    "brighter, with more contrast": lambda p: np.clip(1.3 * p + 20.0, 0, 255).astype(np.uint8),
    "darker": lambda p: np.clip(0.6 * p - 5.0, 0, 255).astype(np.uint8),
    "another gamma": lambda p: (255 * (p / 255.0) ** 0.6).astype(np.uint8),
    "JPEG at quality 30": lambda p: jpeg(p, 30),
    "in a black frame": framed,
    "in a white frame": lambda p: framed(p, grey=255),
    "with bars that make it a square": lambda p: np.pad(p, ((16, 16), (0, 0))),
    "cropped, brighter and JPEG": lambda p: jpeg(
        np.clip(1.2 * p[3:-2, 4:-4] + 10.0, 0, 255).astype(np.uint8), 60
    ),
}


@pytest.mark.parametrize("name", DISTURBED)
def test_a_disturbed_copy_is_found_and_nothing_else(name: str, pictures: list[Picture]) -> None:
    copies = [np.ascontiguousarray(DISTURBED[name](one)) for one in pictures[:5]]
    found = alike(prints([*pictures, *copies]), owners(N + 5))
    assert {(pair.first, pair.second) for pair in found} == {(k, N + k) for k in range(5)}
    assert {pair.how for pair in found} == {"near"}


POSED: Mapping[str, tuple[str, Callable[[Picture], Picture]]] = {
    "sides exchanged": ("flipped", lambda p: p[:, ::-1]),
    "upside down": ("flipped", lambda p: p[::-1]),
    "turned round": ("flipped", lambda p: p[::-1, ::-1]),
    "a quarter turn": ("turned", np.rot90),
    "a quarter turn the other way": ("turned", lambda p: np.rot90(p, 3)),
    "turned and mirrored": ("turned", np.transpose),
    "inverted": ("inverted", lambda p: 255 - p),
    "inverted, turned, mirrored and JPEG": ("inverted", lambda p: jpeg(np.ascontiguousarray(255 - p.T), 60)),
    "inverted and cropped": ("inverted", lambda p: 255 - p[4:-3, 3:-6]),
    "inverted in a frame": ("inverted", lambda p: framed(255 - p)),
}


@pytest.mark.parametrize("name", POSED)
def test_a_turned_or_inverted_copy_is_found_and_nothing_else(name: str, pictures: list[Picture]) -> None:
    how, change = POSED[name]
    copies = [np.ascontiguousarray(change(one)) for one in pictures[:5]]
    found = alike(prints([*pictures, *copies]), owners(N + 5))
    assert {(pair.first, pair.second) for pair in found} == {(k, N + k) for k in range(5)}
    assert {pair.how for pair in found} == {how}


@pytest.mark.parametrize("name", POSED)
def test_so_it_is_among_few(name: str, pictures: list[Picture]) -> None:
    copy = np.ascontiguousarray(POSED[name][1](pictures[2]))
    assert [(p.first, p.second) for p in alike(prints([*pictures[:6], copy]), owners(7))] == [(2, 6)]


def test_an_inverted_picture_whose_background_is_white_is_no_mask(pictures: list[Picture]) -> None:
    y, x = np.mgrid[-1:1:96j, -1:1:128j]
    dark = [np.where(abs(x) + abs(y) < 1, one // 2 + 60, 0).astype(np.uint8) for one in pictures[:60]]
    (white,) = prints([255 - dark[3]])
    assert white.whole.negative
    assert not white.drawn
    found = alike([*prints(dark), white, *prints([255 - dark[4][:, ::-1]])], owners(62))
    assert [(p.first, p.second, p.how) for p in found] == [(3, 60, "inverted"), (4, 61, "inverted")]


def test_a_border_is_cut_off_and_a_picture_without_one_is_kept(pictures: list[Picture]) -> None:
    noise = np.random.default_rng(0).normal(100, 30, (80, 90)).astype(np.float32)
    for grey in (0.0, 100.0, 255.0):
        np.testing.assert_array_equal(without_border(np.pad(noise, 20, constant_values=grey)), noise)
    assert without_border(noise) is noise
    assert not prints([noise])[0].framed
    flat = np.zeros((80, 90), np.float32)
    assert without_border(flat) is flat


def test_different_patients_are_never_one() -> None:
    assert alike(prints(sketches(300, seed=1)), owners(300)) == ()


def test_few_pictures_are_compared_pair_by_pair(pictures: list[Picture]) -> None:
    few = [*pictures[:6], pictures[2][2:-2, 3:-3]]
    assert [(pair.first, pair.second) for pair in alike(prints(few), owners(7))] == [(2, 6)]


def test_pictures_of_one_participant_are_not_compared(pictures: list[Picture]) -> None:
    assert alike(prints([pictures[0], pictures[0], pictures[0][2:-2]]), ["P", "P", "P"]) == ()


def test_same_pixels_are_exact_whatever_holds_them(pictures: list[Picture]) -> None:
    one = pictures[0]
    colour = np.repeat(one[..., None], 4, axis=2)
    colour[..., 3] = 255
    assert exact_digest(one) == exact_digest(one.astype(np.int16)) == exact_digest(one.astype(np.float64))
    assert exact_digest(one) == exact_digest(colour)
    assert exact_digest(one) != exact_digest(one.T)
    changed = one.copy()
    changed[50, 60] ^= 1
    assert exact_digest(one) != exact_digest(changed)


def test_copies_of_one_picture_give_as_many_pairs_not_their_square(pictures: list[Picture]) -> None:
    found = alike(prints([pictures[0]] * 40), ["A", "A", *owners(38)])
    assert len(found) == 39
    assert {pair.how for pair in found} == {"exact"}
    assert found[0] == Pair(0, 2, "exact", 1.0)


def test_blank_pictures_are_like_nothing(pictures: list[Picture]) -> None:
    blank = [np.zeros((90, 70), np.uint8), np.full((40, 50), 9, np.uint8), np.zeros((90, 70), np.uint8)]
    blank[2][3, 4:9] = 255  # a burnt-in letter
    blank += [one.copy() for one in blank]
    assert alike(prints([*pictures[:60], *blank]), owners(66)) == ()


def mask(rng: np.random.Generator) -> Picture:
    y, x = np.mgrid[-1:1:96j, -1:1:128j]
    inside = ((x - rng.normal(-0.3, 0.1)) / rng.uniform(0.3, 0.5)) ** 2 + (y / rng.uniform(0.3, 0.5)) ** 2 < 1
    return np.asarray(255 * inside, dtype=np.uint8)


def test_masks_of_different_participants_are_one_only_where_they_are_the_same() -> None:
    rng = np.random.default_rng(2)
    masks = [mask(rng) for _ in range(40)]
    found = alike(prints([*masks, masks[5].copy()]), owners(41))
    assert [(pair.first, pair.second, pair.how) for pair in found] == [(5, 40, "exact")]


def test_the_blocks_of_the_search_do_not_show(
    pictures: list[Picture], monkeypatch: pytest.MonkeyPatch
) -> None:
    many = prints([*pictures, pictures[7][3:-3, 3:-3], pictures[100][:, ::-1]])
    whole = alike(many, owners(N + 2))
    monkeypatch.setattr("hepar.imaging.likeness.likely.BLOCK", 17)
    monkeypatch.setattr("hepar.imaging.likeness.pairs.PROVED_AT_ONCE", 3)
    assert [(p.first, p.second, p.how) for p in alike(many, owners(N + 2))] == [
        (p.first, p.second, p.how) for p in whole
    ]
    assert len(whole) == 2


def test_the_waves_of_a_posed_picture_are_those_of_the_picture_in_other_places(
    pictures: list[Picture],
) -> None:
    levels = np.stack([one.inner.levels for one in prints(pictures[:3])])
    for pose in POSES:
        upright = waves_of(by_rank(255 - levels if pose.inverted else levels))
        np.testing.assert_allclose(
            waves_of(pose.of(levels)), pose.of_waves(upright), atol=2e-4
        )  # single precision


def test_ranks_do_not_see_a_rising_curve_of_grey() -> None:
    ramp = np.linspace(0, 1, 4096, dtype=np.float32).reshape(64, 64)
    plain, curved = (by_rank(levels_of(one)[None]).astype(int) for one in (ramp, ramp * 7 + 3))
    assert np.abs(plain - curved).max() <= 1  # rounding to 256 levels


def test_shrinking_keeps_the_mean_and_takes_any_size() -> None:
    picture = np.arange(35, dtype=np.float32).reshape(5, 7)
    for shape in ((3, 2), (64, 64)):
        assert shrunk(picture, shape).mean() == pytest.approx(picture.mean(), rel=1e-5)


def test_a_volume_is_three_slices_and_a_thin_one_is_one() -> None:
    volume = np.arange(10 * 4 * 4).reshape(10, 4, 4)
    assert [int(one[0, 0]) // 16 for one in slices_of(volume)] == [3, 5, 6]
    assert len(slices_of(volume[:1])) == 1


@pytest.mark.parametrize("bad", [np.zeros(3), np.zeros((0, 4)), np.full((2, 2), np.nan), np.zeros((2, 2, 7))])
def test_what_is_no_picture_is_refused(bad: NDArray[np.float64]) -> None:
    with pytest.raises(DataError, match="picture"):
        grey_picture(bad)
