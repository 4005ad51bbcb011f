"""Where a network is trained, and what makes the same seed give the same network there."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..core.device import Device
from ..core.errors import RunError


@contextmanager
def alone(seed: int, device: Device = "cpu") -> Iterator[None]:
    """One thread, torch's generators set to `seed`, no method of the GPU that adds in any order; afterwards as before.

    On small maps a second thread costs more than it does, and on two it may add in another order. Products on a GPU
    are of full single precision.

    Raises:
        RunError: `device` is not there.
    """
    if not is_there(device):
        raise RunError(f"torch {torch.__version__} finds no {device} here; train on the cpu")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with (
            torch.random.fork_rng(devices=[torch.cuda.current_device()] if device == "cuda" else []),
            torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False),
        ):
            torch.manual_seed(seed)
            yield
    finally:
        torch.set_num_threads(threads)


def is_there(device: Device) -> bool:
    """Whether this machine, and the torch on it, have the device."""
    return device == "cpu" or torch.cuda.is_available()
