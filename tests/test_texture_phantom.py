"""The SIMULATED liver: the same each time, whole, and as hard as it says."""

import numpy as np
import pytest
from scipy.ndimage import label

from hepar.phantom.texture import SCANNERS, SHAPE, SPACING_MM, LiverTruth, simulated_liver

LITRES = 1e-6 * float(np.prod(SPACING_MM))


def test_the_same_truth_and_seed_give_the_same_image_and_any_other_another() -> None:
    one, *_ = simulated_liver(LiverTruth(0.4, "A"), seed=3)
    assert (simulated_liver(LiverTruth(0.4, "A"), seed=3)[0] == one).all()
    for truth, seed in ((LiverTruth(0.4, "A"), 4), (LiverTruth(0.4, "B"), 3), (LiverTruth(0.9, "A"), 3)):
        assert not (simulated_liver(truth, seed=seed)[0] == one).all()


@pytest.mark.parametrize("scanner", SCANNERS)
def test_liver_and_spleen_are_whole_apart_and_inside_the_image(scanner: str) -> None:
    image, liver, spleen = simulated_liver(LiverTruth(1.0, scanner), seed=8)
    assert image.shape == liver.shape == spleen.shape == SHAPE
    assert np.isfinite(image).all()
    assert (image >= 0).all()
    assert not (liver & spleen).any()
    sizes = np.bincount(label(liver)[0].ravel())[1:]
    assert sizes.max() > 0.99 * sizes.sum()
    assert 0.2 < liver.sum() * LITRES < 0.6
    assert 0.01 < spleen.sum() * LITRES < 0.1


def test_shape_and_spacing_may_be_others() -> None:
    image, liver, _ = simulated_liver(LiverTruth(0.0, "A"), seed=1, shape=(10, 20, 30), spacing_mm=(5, 5, 5))
    assert image.shape == (10, 20, 30)
    assert liver.any()


def spread(fibrosis: float, scanner: str) -> float:
    """Mean of the livers' coefficient of variation."""
    found = []
    for seed in range(12):
        image, liver, _ = simulated_liver(LiverTruth(fibrosis, scanner), seed=seed)
        found.append(image[liver].std() / image[liver].mean())
    return float(np.mean(found))


def test_fibrosis_adds_contrast_and_the_scanner_changes_it_as_much() -> None:
    healthy, ill = ({name: spread(f, name) for name in SCANNERS} for f in (0.0, 1.0))
    by_fibrosis = np.mean([ill[name] - healthy[name] for name in SCANNERS])
    by_scanner = max(healthy.values()) - min(healthy.values())
    assert by_fibrosis > 0
    assert by_scanner >= by_fibrosis * 0.9


@pytest.mark.parametrize(
    ("fibrosis", "scanner", "message"), [(-0.1, "A", "a proportion lies"), (0.1, "E", "no scanner 'E'")]
)
def test_a_truth_that_cannot_be_is_refused(fibrosis: float, scanner: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        LiverTruth(fibrosis, scanner)
