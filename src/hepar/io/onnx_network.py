"""Networks in ONNX, run by onnxruntime on one core."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..core.errors import DataError, ProtocolError
from ..core.packages import how_to_install

Floats = NDArray[np.float32]


class OnnxNetwork:
    """A network ready to answer; `name` stands in errors."""

    def __init__(self, content: bytes, *, name: str) -> None:
        """Open the network in `content`.

        Raises:
            ProtocolError: onnxruntime is not installed.
            DataError: it is no network.
        """
        runtime = _runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self._name = name
        try:
            self._session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime's own errors share no base but this
            raise DataError(f"{name}: is no network that onnxruntime can run: {_first_line(error)}") from None

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of its inputs, in order."""
        return tuple(one.name for one in self._session.get_inputs())

    def __call__(self, streams: Sequence[Floats]) -> list[Floats]:
        """Answers (1, widths), weight of each frame (1, frames), attention in each (1, frames, across, along).

        `streams` each (1, frames, channels, across, along), one for each input, NaN where nothing is known.
        """
        given = dict(zip(self.inputs, streams, strict=True))
        try:
            return list(self._session.run(None, given))
        except Exception as error:
            raise DataError(
                f"{self._name}: the network cannot read these arrays: {_first_line(error)}"
            ) from None


def pattern(shapes: Sequence[tuple[int, ...]], *, frames: int = 2) -> list[Floats]:
    """Fixed arrays (1, frames, channels, across, along), by which an installation is tried: waves of a few periods."""
    made = []
    for shape in shapes:
        count = frames * int(np.prod(shape))
        wave = np.sin(np.arange(count, dtype=np.float64) * 0.37) * 2.0
        made.append(wave.astype(np.float16).astype(np.float32).reshape(1, frames, *shape))
    return made


def version() -> str:
    """Of onnxruntime."""
    return str(_runtime().__version__)


def _runtime() -> Any:
    try:
        import onnxruntime
    except ImportError:
        raise ProtocolError(f"a bundle with a network {how_to_install('onnxruntime')}") from None
    return onnxruntime


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
