"""The envelope: what it is of signals whose envelope is known."""

import numpy as np
import pytest
import scipy.signal

from hepar.core.errors import DataError
from hepar.imaging.ultrasound.envelope import envelope


def test_a_pulse_has_the_envelope_it_was_made_with_whatever_its_phase() -> None:
    t = np.arange(1024) / 20
    bell = np.exp(-(((t - 25) / 1.5) ** 2))
    for phase in (0.0, 0.7, 2.1):
        found = envelope((bell * np.cos(2 * np.pi * 3.5 * t + phase)).astype(np.float32))
        np.testing.assert_allclose(found, bell, atol=1e-5)


@pytest.mark.parametrize("samples", [1, 2, 255, 256, 1300])
def test_it_is_the_magnitude_of_the_analytic_signal_along_the_last_axis(samples: int) -> None:
    rf = np.random.default_rng(0).standard_normal((2, 3, samples)).astype(np.float32)
    size = scipy.fft.next_fast_len(samples, real=True)
    expected = np.abs(scipy.signal.hilbert(rf.astype(float), N=size, axis=-1))[..., :samples]
    np.testing.assert_allclose(envelope(rf), expected, atol=1e-5)


def test_lines_do_not_leak_into_one_another() -> None:
    rf = np.zeros((3, 500), dtype=np.int16)
    rf[1, 250] = 1000
    found = envelope(rf)
    assert found.dtype == np.float32
    assert found[1, 250] == pytest.approx(1000, rel=1e-5)
    assert not found[[0, 2]].any()


def test_whole_counts_up_to_full_scale_do_not_overflow() -> None:
    wave = np.where(np.arange(400) // 5 % 2, 32767, -32768).astype(np.int16)
    assert envelope(wave)[100:300].min() > 30000


def test_demodulated_data_and_lines_without_samples_are_refused() -> None:
    with pytest.raises(DataError, match="their envelope is their magnitude"):
        envelope(np.ones((2, 8), dtype=np.complex64))
    with pytest.raises(DataError, match="no samples"):
        envelope(np.ones((2, 0), dtype=np.float32))
