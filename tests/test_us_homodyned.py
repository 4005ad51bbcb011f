import numpy as np
import pytest

from hepar.imaging.ultrasound.homodyned import ALPHAS, COHERENT, homodyned_k, log_moments

ALPHA, K = (column.ravel() for column in np.meshgrid(np.geomspace(0.15, 25, 9), np.linspace(0.1, 2.8, 10)))


def test_parameters_come_back_whatever_the_coherence() -> None:
    alpha, k = homodyned_k(*log_moments(ALPHA, K))
    assert alpha == pytest.approx(ALPHA, rel=0.03)  # what the table's steps leave
    assert k == pytest.approx(K, abs=0.06)


def test_clumped_scatterers_beside_a_strong_coherent_echo_are_not_taken_for_sparse_ones() -> None:
    rng = np.random.default_rng(2)
    alpha, k, count = 10.0, 2.0, 1_000_000
    share = k**2 / (k**2 + 2)
    diffuse = rng.standard_normal(count) + 1j * rng.standard_normal(count)
    wave = np.sqrt(share) + np.sqrt((1 - share) * rng.gamma(alpha, 1 / alpha, count) / 2) * diffuse
    power = np.abs(wave) ** 2
    power /= power.mean()
    x = np.array([(power * np.log(power)).mean() - np.log(power).mean()])
    found = homodyned_k(x, np.array([np.log(power).mean()]))
    assert found[0][0] == pytest.approx(alpha, rel=0.15)
    assert found[1][0] == pytest.approx(k, abs=0.05)


def test_without_coherence_the_clustering_alone_comes_back() -> None:
    alpha = np.array([0.4, 1.3, 5.0, 20.0])
    found, k = homodyned_k(*log_moments(alpha, np.zeros(4)))
    assert found == pytest.approx(alpha, rel=0.03)
    assert (k < 0.15).all()


def test_moments_beyond_the_table_give_its_edges() -> None:
    alpha, k = homodyned_k(np.array([50.0, 0.05]), np.array([-9.0, -0.01]))
    assert (alpha[0], k[0]) == pytest.approx((ALPHAS[0], 0))
    assert k[1] == pytest.approx(COHERENT[-1])
