"""Colour profiles keep their numbers and lose their words, whatever kind of profile they are."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms
from pydicom.dataset import Dataset

from hepar.io.deidentification import Rules, deidentify, subject_of
from hepar.io.deidentification.canary import canary_dataset
from hepar.io.deidentification.colour_profile import plain_profile

KEY = b"a SIMULATED key of 32 bytes ....1"


def profile() -> bytes:
    """sRGB, as an ICC profile."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def marked() -> bytes:
    """The same with a name in place of its description, in UTF-16 as version 4 keeps it."""
    made, name = profile(), "Zyxwonder".encode("utf-16-be")
    at = made.index("RGB".encode("utf-16-be"))
    return made[:at] + name + made[at + len(name) :]


def shown(content: bytes) -> Image.Image:
    colours = Image.fromarray(np.random.default_rng(0).integers(0, 255, (8, 8, 3), np.uint8))
    made = ImageCms.profileToProfile(
        colours, io.BytesIO(content), ImageCms.createProfile("LAB"), outputMode="LAB"
    )
    assert made is not None
    return made


def test_words_and_the_day_are_gone_and_colours_are_the_same() -> None:
    plain = plain_profile(marked())
    assert plain is not None
    assert "Zyxwonder".encode("utf-16-be") in marked()
    assert "Zyxwonder".encode("utf-16-be") not in plain
    assert plain[24:36] == bytes((7, 208, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0))
    assert np.array_equal(np.asarray(shown(plain)), np.asarray(shown(profile())))


@pytest.mark.parametrize(
    "content", [b"", b"Zyxwonder" * 40, profile()[:200], profile()[:128] + b"\xff" * 400]
)
def test_what_is_no_profile_is_none(content: bytes) -> None:
    assert plain_profile(content) is None


def test_the_engine_keeps_a_profile_plain_and_removes_what_is_none() -> None:
    dataset: Dataset = canary_dataset(outer=())
    assert "ICCProfile" not in deidentify(dataset, rules=Rules(KEY), subject=subject_of(KEY, "1")).dataset
    dataset.ICCProfile = marked()
    made = deidentify(dataset, rules=Rules(KEY), subject=subject_of(KEY, "1")).dataset
    assert made["ICCProfile"].value == plain_profile(marked())
