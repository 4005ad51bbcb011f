"""The network for the B-mode picture, of the same capacity as those for radio frequency."""

import torch
from torch import Tensor, nn

from .blocks import FrameSummary, conv
from .heads import Head
from .patient import SIZE, Patient, Told, by_frame, by_patient

POWERS = (0.75, 1.5, 3.0)
"""Of the power means in a cell; with a standard deviation of about 6 dB, 1.5 makes it a mean of the echoes' energy."""
KNOWN = 0.9
"""Share of a cell that has to be picture."""
TYPICAL = (0.0, 0.2, 0.4, 0.7)
"""Of the maps of a cell in speckle: where what stands for an unknown cell starts from."""


class BModeNet(nn.Module):
    """Grey values of the picture along its lines, and statistics of its cells, joined place by place.

    `picture` (batch, frames, 1, columns, rows); columns are a multiple of 4, rows of 64. Both streams are those of
    the network for radio frequency: the log-envelope's is the picture's, the spectrogram's the cells' (`cell_means`).
    Without the cells small cohorts do not teach a convolution how bright echoes are spread.
    """

    def __init__(self, heads: tuple[Head, ...], *, channels: tuple[int], dropout: float, trend: bool) -> None:
        super().__init__()
        self.picture = nn.Sequential(
            conv(channels[0], 8, kernel=(3, 5), stride=(1, 2)),  #           (n,  8, columns, rows / 2)
            conv(8, 16, kernel=(3, 3), stride=(2, 2)),  #                    (n, 16, columns / 2, rows / 4)
            conv(16, 24, kernel=(3, 3), stride=(2, 2)),  #                   (n, 24, columns / 4, rows / 8)
            conv(24, 32, kernel=(3, 3), stride=(1, 2)),  #                   (n, 32, columns / 4, rows / 16)
        )
        self.typical = nn.Parameter(torch.tensor(TYPICAL)[:, None, None])
        self.cells = nn.Sequential(
            conv(len(TYPICAL), 24, kernel=(1, 1)),  #                        (n, 24, columns / 4, rows / 8)
            conv(24, 24, kernel=(3, 3)),  #                                  (n, 24, columns / 4, rows / 8)
            conv(24, 32, kernel=(3, 3), stride=(1, 2)),  #                   (n, 32, columns / 4, rows / 16)
        )
        self.summary = FrameSummary(64, size=SIZE, dropout=dropout, trend=trend)
        self.patient = Patient(heads, dropout=dropout)

    def forward(self, picture: Tensor, mask: Tensor) -> Told:
        """Answers, weights of the frames, attention within them; `mask` (batch, frames) is 0 for padding."""
        items = by_frame(picture)  #                                         (n, 1, columns, rows)
        maps, known = cell_means(items)  #                                   (n, 4, c / 4, r / 8), (n, 1, ..)
        cells = self.cells(maps * known + self.typical * (1 - known))
        features = torch.cat([self.picture(items), cells], dim=1)  #         (n, 64, columns / 4, rows / 16)
        vector, looked = self.summary(features)  #                           (n, SIZE), (n, c / 4, r / 16)
        answers, weights = self.patient(by_patient(vector, mask), mask)
        return answers, weights, by_patient(looked, mask)


def cell_means(picture: Tensor) -> tuple[Tensor, Tensor]:
    """Maps (n, 4, columns / 4, rows / 8) of cells: their mean, and how far their power means lie above it.

    Grey values g are logarithms of echoes, so that ln(mean(exp(p g))) / p is the logarithm of a power mean of echoes
    (generalised mean, Radenovic, Tolias and Chum 2019): bright ones count, dark vessels hardly. Also which cells are
    known (n, 1, columns / 4, rows / 8), 1 or 0: pixels that are exactly 0 are padding.
    """
    columns, rows = picture.shape[2:]
    cells = picture.reshape(-1, 1, columns // 4, 4, rows // 8, 8)
    shown = (cells != 0).float()
    share = shown.mean(dim=(3, 5))
    most = share.clamp(min=1 / 64)
    mean = (cells * shown).mean(dim=(3, 5)) / most
    above = [
        torch.log((torch.exp(p * cells) * shown).mean(dim=(3, 5)).clamp(min=1e-6) / most) / p - mean
        for p in POWERS
    ]
    return torch.cat([mean, *above], dim=1), (share >= KNOWN).float()
