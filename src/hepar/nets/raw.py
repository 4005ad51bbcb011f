"""The one-dimensional network for radio frequency as it is, line by line: the ablation of the two-stream network."""

from torch import Tensor, nn

from .blocks import FrameSummary, conv
from .heads import Head
from .patient import SIZE, Patient, Told, by_frame, by_patient


class RawLines(nn.Module):
    """Every line by itself through the same filters along depth (as in Han et al. 2020), then the mean over lines.

    `lines` (batch, frames, 1, lines, samples); samples are a multiple of 128.
    """

    def __init__(self, heads: tuple[Head, ...], *, channels: tuple[int], dropout: float, trend: bool) -> None:
        super().__init__()
        self.line = nn.Sequential(
            conv(channels[0], 16, kernel=(1, 17), stride=(1, 2)),  #         (n, 16, lines, samples / 2)
            conv(16, 16, kernel=(1, 9), stride=(1, 2)),  #                   (n, 16, lines, samples / 4)
            conv(16, 32, kernel=(1, 9), stride=(1, 2)),  #                   (n, 32, lines, samples / 8)
            conv(32, 40, kernel=(1, 7), stride=(1, 2)),  #                   (n, 40, lines, samples / 16)
            conv(40, 48, kernel=(1, 5), stride=(1, 2)),  #                   (n, 48, lines, samples / 32)
        )
        self.summary = FrameSummary(48, size=SIZE, dropout=dropout, trend=trend)
        self.patient = Patient(heads, dropout=dropout)

    def forward(self, lines: Tensor, mask: Tensor) -> Told:
        """Answers, weights of the frames, attention within them; `mask` (batch, frames) is 0 for padding."""
        features = self.line(by_frame(lines))  #                             (n, 48, lines, samples / 32)
        vector, looked = self.summary(
            features
        )  #                           (n, SIZE), (n, lines, samples / 32)
        answers, weights = self.patient(by_patient(vector, mask), mask)
        return answers, weights, by_patient(looked, mask)
