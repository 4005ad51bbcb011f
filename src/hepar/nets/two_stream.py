"""The two-stream network for radio frequency: log-spectrogram and log-envelope, joined place by place."""

import torch
from torch import Tensor, nn

from .blocks import FrameSummary, conv
from .heads import Head
from .patient import SIZE, Patient, Told, by_frame, by_patient


class TwoStream(nn.Module):
    """What the spectrum and what the envelope's statistics say, on one map of lateral groups over depth.

    `spectrogram` (batch, frames, frequencies, groups, windows); `envelope` (batch, frames, 1, 4 groups, 8 windows).
    Windows are a multiple of 8.
    """

    def __init__(
        self, heads: tuple[Head, ...], *, channels: tuple[int, int], dropout: float, trend: bool
    ) -> None:
        super().__init__()
        frequencies, _ = channels
        self.spectrum = nn.Sequential(
            conv(frequencies, 24, kernel=(1, 1)),  # spectral shapes         (n, 24, groups, windows)
            conv(24, 24, kernel=(3, 3)),  #                                  (n, 24, groups, windows)
            conv(24, 32, kernel=(3, 3), stride=(1, 2)),  #                   (n, 32, groups, windows / 2)
        )
        self.envelope = nn.Sequential(
            conv(1, 8, kernel=(3, 5), stride=(1, 2)),  #                     (n,  8, 4 groups, 4 windows)
            conv(8, 16, kernel=(3, 3), stride=(2, 2)),  #                    (n, 16, 2 groups, 2 windows)
            conv(16, 24, kernel=(3, 3), stride=(2, 2)),  #                   (n, 24, groups, windows)
            conv(24, 32, kernel=(3, 3), stride=(1, 2)),  #                   (n, 32, groups, windows / 2)
        )
        self.summary = FrameSummary(64, size=SIZE, dropout=dropout, trend=trend)
        self.patient = Patient(heads, dropout=dropout)

    def forward(self, spectrogram: Tensor, envelope: Tensor, mask: Tensor) -> Told:
        """Answers, weights of the frames, attention within them; `mask` (batch, frames) is 0 for padding."""
        spectrum = self.spectrum(by_frame(spectrogram))  #                   (n, 32, groups, windows / 2)
        statistics = self.envelope(by_frame(envelope))  #                    (n, 32, groups, windows / 2)
        vector, looked = self.summary(torch.cat([spectrum, statistics], dim=1))  # (n, SIZE), (n, g, w / 2)
        answers, weights = self.patient(by_patient(vector, mask), mask)
        return answers, weights, by_patient(looked, mask)
