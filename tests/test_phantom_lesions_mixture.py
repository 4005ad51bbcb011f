"""The density of a SIMULATED lesion's look: it is a density, and the one that looks are drawn from."""

import numpy as np
import pytest

from hepar.core.errors import SimulationError
from hepar.phantom.lesions.kinds import KINDS, LARGEST_MM, SMALLEST_MM, kind_called
from hepar.phantom.lesions.look import LOOK
from hepar.phantom.lesions.mixture import columns_of, draw_looks, log_density, mixture_of

NAMES = ("core_arterial", "core_portal", "rim_portal", "scar")


@pytest.mark.parametrize("kind", KINDS)
def test_shares_of_patterns_add_up_at_every_size(kind: str) -> None:
    shares = mixture_of(kind).shares(np.array([2.0, 10.0, 17.0, 30.0, 80.0]))
    assert np.allclose(shares.sum(1), 1)
    assert (shares >= 0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_density_of_one_part_and_that_of_sizes_integrate_to_one(kind: str) -> None:
    at = np.linspace(-250, 250, 4001)
    density = np.exp(log_density(at[:, None], np.full(4001, 14.0), kind=kind, names=["core_portal"]))
    assert np.trapezoid(density, at) == pytest.approx(1, abs=1e-6)
    sizes = np.linspace(np.log(SMALLEST_MM), np.log(LARGEST_MM), 4001)
    assert np.trapezoid(np.exp(kind_called(kind).log_density(np.exp(sizes))), sizes) == pytest.approx(
        1, abs=1e-4
    )


@pytest.mark.parametrize("error_sd", [0.0, 9.0])
@pytest.mark.parametrize(("one", "other"), [("hcc", "icc"), ("fnh", "haemangioma"), ("metastasis", "hcc")])
def test_likelihood_ratio_is_one_on_average_where_the_other_is_true(
    one: str, other: str, error_sd: float
) -> None:
    rng = np.random.default_rng(4)
    size = np.full(40_000, 22.0)
    look = draw_looks(rng, size, kind=other)[:, columns_of(NAMES)]
    error = error_sd**2 * np.eye(len(NAMES)) + 0.04 * np.diag([0, 0, 0, 1])
    look += rng.standard_normal(look.shape) @ np.linalg.cholesky(error + 1e-12 * np.eye(len(NAMES))).T
    # a look that the other kind hardly ever has gives the ratio a heavy tail, so mix it into what it is divided by
    a, b = (log_density(look, size, kind=kind, names=NAMES, error=error) for kind in (one, other))
    under_b = 1 / (0.5 + 0.5 * np.exp(b - a))
    look = draw_looks(rng, size, kind=one)[:, columns_of(NAMES)]
    look += rng.standard_normal(look.shape) @ np.linalg.cholesky(error + 1e-12 * np.eye(len(NAMES))).T
    a, b = (log_density(look, size, kind=kind, names=NAMES, error=error) for kind in (one, other))
    under_a = 1 / (0.5 + 0.5 * np.exp(b - a))
    # the mean of p_a / ((p_a + p_b) / 2) under the even mixture of both is one; its SD is below one
    assert (under_a.mean() + under_b.mean()) / 2 == pytest.approx(1, abs=4 / np.sqrt(80_000))


def test_density_of_what_was_drawn_is_higher_than_that_of_any_other_kind_on_average() -> None:
    size = np.full(3000, 25.0)
    rng = np.random.default_rng(1)
    looks = {kind: draw_looks(rng, size, kind=kind) for kind in KINDS}
    for kind, look in looks.items():
        own = log_density(look, size, kind=kind).mean()
        assert all(log_density(look, size, kind=other).mean() < own for other in KINDS if other != kind)


def test_drawn_parts_are_distributed_as_their_density_says() -> None:
    rng = np.random.default_rng(2)
    drawn = np.sort(
        draw_looks(rng, np.full(20_000, 8.0), kind="haemangioma")[:, columns_of(["core_arterial"])[0]]
    )
    at = np.linspace(-150, 250, 8001)
    density = np.exp(
        log_density(at[:, None], np.full(8001, 8.0), kind="haemangioma", names=["core_arterial"])
    )
    upto = np.cumsum(density) * (at[1] - at[0])
    distance = np.abs(np.interp(drawn, at, upto) - (np.arange(20_000) + 0.5) / 20_000).max()
    assert distance < 1.95 / np.sqrt(20_000), "Kolmogorov's distance, exceeded by chance once in a thousand"


def test_difficulty_draws_kinds_together_and_one_leaves_them_as_published() -> None:
    apart = [
        np.abs(mixture_of("cyst", difficulty=d).mean - mixture_of("fnh", difficulty=d).mean[:1]).sum()
        for d in (0.7, 1.0, 2.0, 100.0)
    ]
    assert apart == sorted(apart, reverse=True)
    assert mixture_of("cyst").mean[0] == pytest.approx(KINDS["cyst"].patterns[0].mean)


@pytest.mark.parametrize("difficulty", [0.0, -1.0, np.nan, np.inf])
def test_an_impossible_difficulty_is_refused(difficulty: float) -> None:
    with pytest.raises(SimulationError, match="difficulty"):
        mixture_of("hcc", difficulty=difficulty)


def test_unknown_kind_and_unknown_part_of_the_look_are_refused_with_what_is_allowed() -> None:
    with pytest.raises(SimulationError, match="did you mean 'haemangioma'"):
        mixture_of("hemangioma")
    with pytest.raises(SimulationError, match="core_portal"):
        log_density(np.zeros((1, 1)), np.ones(1), kind="hcc", names=["core_venous"])
    assert len(LOOK) == 14
