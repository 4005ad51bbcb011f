"""The network for the B-mode picture, of the same capacity as those for radio frequency."""

from torch import Tensor, nn

from .blocks import FrameSummary, conv
from .heads import Head
from .patient import SIZE, Patient, Told, by_frame, by_patient


class BModeNet(nn.Module):
    """Grey values of the picture along its lines.

    `picture` (batch, frames, 1, columns, rows); columns are a multiple of 4, rows of 64.
    """

    def __init__(self, heads: tuple[Head, ...], *, channels: tuple[int], dropout: float, trend: bool) -> None:
        super().__init__()
        self.picture = nn.Sequential(
            conv(channels[0], 16, kernel=(3, 5), stride=(1, 2)),  #          (n, 16, columns, rows / 2)
            conv(16, 24, kernel=(3, 3), stride=(2, 2)),  #                   (n, 24, columns / 2, rows / 4)
            conv(24, 36, kernel=(3, 3), stride=(2, 2)),  #                   (n, 36, columns / 4, rows / 8)
            conv(36, 48, kernel=(3, 3), stride=(1, 2)),  #                   (n, 48, columns / 4, rows / 16)
        )
        self.summary = FrameSummary(48, size=SIZE, dropout=dropout, trend=trend)
        self.patient = Patient(heads, dropout=dropout)

    def forward(self, picture: Tensor, mask: Tensor) -> Told:
        """Answers, weights of the frames, attention within them; `mask` (batch, frames) is 0 for padding."""
        features = self.picture(by_frame(picture))  #                        (n, 48, columns / 4, rows / 16)
        vector, looked = self.summary(features)  #                           (n, SIZE), (n, c / 4, r / 16)
        answers, weights = self.patient(by_patient(vector, mask), mask)
        return answers, weights, by_patient(looked, mask)
