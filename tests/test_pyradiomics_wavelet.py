"""Wavelet images."""

import numpy as np
import pytest

from hepar.core.errors import ProtocolError
from hepar.features.pyradiomics.settings import Settings
from hepar.features.pyradiomics.wavelet import wavelet_images

IMAGE = np.random.default_rng(4).normal(size=(9, 12, 40))
WHOLE = (slice(0, 9), slice(0, 12), slice(0, 40))


def settings(**given: object) -> Settings:
    return Settings.model_validate(given)


def test_a_name_tells_the_filters_along_x_y_and_z() -> None:
    along_x = np.broadcast_to(np.random.default_rng(1).normal(size=40), (9, 12, 40))
    found = dict(wavelet_images(along_x, WHOLE, settings(wavelet="haar")))
    assert list(found)[-1] == "wavelet-LLL"
    energy = {name: float((image**2).sum()) for name, image in found.items()}
    assert energy["wavelet-HLL"] > 1
    assert all(value < 1e-20 for name, value in energy.items() if name not in ("wavelet-HLL", "wavelet-LLL"))


def test_haar_is_the_scaled_sum_and_difference_of_neighbours() -> None:
    found = dict(wavelet_images(IMAGE, WHOLE, settings(wavelet="haar", force2D=True, force2Ddimension=0)))
    assert list(found) == ["wavelet-LH", "wavelet-HL", "wavelet-HH", "wavelet-LL"]
    total = IMAGE + np.roll(IMAGE, -1, axis=2)
    expected = (total + np.roll(total, -1, axis=1)) / 2
    np.testing.assert_allclose(found["wavelet-LL"], expected, atol=1e-12)


def test_levels_go_on_from_the_approximation_before() -> None:
    whole = (slice(0, 8), slice(0, 12), slice(0, 40))
    first = dict(wavelet_images(IMAGE[:8], whole, settings()))
    second = dict(wavelet_images(first["wavelet-LLL"], whole, settings()))
    both = dict(wavelet_images(IMAGE[:8], whole, settings(level=2)))
    assert len(both) == 15
    np.testing.assert_allclose(both["wavelet2-HLH"], second["wavelet-HLH"], atol=1e-12)
    later = dict(wavelet_images(IMAGE[:8], whole, settings(start_level=1)))
    np.testing.assert_allclose(later["wavelet-HLH"], second["wavelet-HLH"], atol=1e-12)


def test_a_box_gets_what_the_whole_image_would() -> None:
    box = (slice(0, 4), slice(5, 10), slice(14, 19))
    whole = dict(wavelet_images(IMAGE, WHOLE, settings(level=2)))
    for name, values in wavelet_images(IMAGE, box, settings(level=2)):
        np.testing.assert_allclose(values, whole[name][box], atol=1e-12)


def test_single_precision_stays() -> None:
    found = dict(wavelet_images(IMAGE.astype(np.float32), WHOLE, settings()))
    assert {values.dtype.name for values in found.values()} == {"float32"}


def test_an_unknown_wavelet_is_refused_with_the_nearest() -> None:
    with pytest.raises(ProtocolError, match="did you mean 'coif1'"):
        list(wavelet_images(IMAGE, WHOLE, settings(wavelet="coiff1")))
