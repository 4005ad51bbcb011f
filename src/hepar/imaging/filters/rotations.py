"""Separable filters turned into every right-angled position, and their responses pooled."""

from collections.abc import Iterator, Sequence
from itertools import groupby, permutations, product

import numpy as np

from .options import Boundary, Pooling
from .separable import Image, convolve

Kernel = tuple[float, ...]
"""Of an odd length."""
Steps = tuple[Kernel, ...]
"""Kernels that follow one another along one axis."""
Plan = tuple[Steps, ...]
"""A separable filter: the steps of each filtered axis, in the array's order, the last of them x."""


def responses(image: Image, plans: Sequence[Plan], *, boundary: Boundary) -> Iterator[tuple[Plan, Image]]:
    """The response to each plan, one at a time; plans that begin alike share their first convolutions."""
    yield from _walk(image, sorted(set(plans)), depth=0, boundary=boundary)


def _walk(image: Image, plans: list[Plan], *, depth: int, boundary: Boundary) -> Iterator[tuple[Plan, Image]]:
    axes = len(plans[0])
    if depth == axes:
        yield plans[0], image
        return
    for steps, alike in groupby(plans, key=lambda plan: plan[depth]):
        filtered = image
        for kernel in steps:
            filtered = convolve(filtered, np.array(kernel), axis=image.ndim - axes + depth, boundary=boundary)
        yield from _walk(filtered, list(alike), depth=depth + 1, boundary=boundary)


def rotations(plan: Plan) -> dict[Plan, tuple[int, ...]]:
    """The plan in its 24 right-angled positions in space (4 in a slice), those that coincide taken together.

    A kernel that reverses into its own negative keeps its direction and gives a sign instead, so each plan goes with
    the signs of the positions that it stands for.
    """
    found: dict[Plan, list[int]] = {}
    for order in permutations(range(len(plan))):
        for flips in product((False, True), repeat=len(plan)):
            if _is_odd(order) == (sum(flips) % 2 == 1):
                turned = [_turned(plan[at], flip) for at, flip in zip(order, flips, strict=True)]
                sign = int(np.prod([s for _, s in turned]))
                found.setdefault(tuple(steps for steps, _ in turned), []).append(sign)
    return {plan: tuple(signs) for plan, signs in found.items()}


def _is_odd(order: Sequence[int]) -> bool:
    return sum(a > b for i, a in enumerate(order) for b in order[i + 1 :]) % 2 == 1


def _turned(steps: Steps, flip: bool) -> tuple[Steps, int]:
    if not flip:
        return steps, 1
    sign, turned = 1, []
    for kernel in steps:
        back = kernel[::-1]
        odd = all(a == -b for a, b in zip(kernel, back, strict=True))
        sign *= -1 if odd else 1
        turned.append(kernel if odd else back)
    return tuple(turned), sign


def pooled(image: Image, plan: Plan, *, pooling: Pooling, boundary: Boundary) -> Image:
    """The plan's responses in all right-angled positions, pooled voxel by voxel."""
    positions = rotations(plan)
    pool: Image | None = None
    for turned, response in responses(image, list(positions), boundary=boundary):
        pool = _into(pool, response, signs=positions[turned], pooling=pooling)
    assert pool is not None
    return pool / np.float32(sum(map(len, positions.values()))) if pooling == "average" else pool


def _into(pool: Image | None, response: Image, *, signs: tuple[int, ...], pooling: Pooling) -> Image:
    if pooling == "average":
        part = response * np.float32(sum(signs))
        return part if pool is None else np.add(pool, part, out=pool)
    choose = np.maximum if pooling == "max" else np.minimum
    for sign in set(signs):
        part = response * np.float32(sign)
        pool = part if pool is None else choose(pool, part, out=pool)
    assert pool is not None
    return pool
