"""What the components of an arm's index tests are, and what they report of themselves."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from ..core.component import Component
from ..models.base import Model
from ..study.protocol import Arm, IndexTest
from ..study.result import ArmResult
from .answers import Answer


def components(part: Any) -> Iterator[Component]:
    """Every component inside a part of the protocol, itself first, those inside others too."""
    if isinstance(part, Component):
        yield part
    if isinstance(part, BaseModel):
        inside = [getattr(part, name) for name in type(part).model_fields]
    elif isinstance(part, Mapping):
        inside = list(part.values())
    else:
        inside = list(part) if isinstance(part, tuple | list) else []
    for one in inside:
        yield from components(one)


def kinds(test: IndexTest) -> frozenset[str]:
    """Kinds of every component of an index test."""
    return frozenset(component.kind for component in components(test))


def learners(test: IndexTest) -> frozenset[str]:
    """Kinds of the models that learn, without those that choose among others."""
    models = [one for one in components(test.model) if isinstance(one, Model)]
    return frozenset(
        one.kind for one in models if not any(isinstance(c, Model) and c is not one for c in components(one))
    )


def with_radiomics(arm: Arm) -> Mapping[str, IndexTest]:
    """The index tests that read radiomic features."""
    return {name: test for name, test in arm.index_tests.items() if "radiomics" in kinds(test)}


def reads_images(arm: Arm) -> bool:
    """Whether an index test reads an image."""
    return any(extractor.acquisitions for test in arm.index_tests.values() for extractor in test.features)


def reported(name: str, arm: ArmResult, key: str) -> Answer | None:
    """What the components of the index tests say of themselves under `key`: once where all say the same."""
    said: dict[str, list[str]] = {}
    for test in arm.arm.index_tests.values():
        for component in components(test):
            text = _reporting(component).get(key)
            if text and test.label not in said.setdefault(text, []):
                said[text].append(test.label)
    if not said:
        return None
    if len(said) == 1:
        return Answer(next(iter(said)), f"arm-{name}")
    return Answer(" ".join(f"{', '.join(labels)}: {text}" for text, labels in said.items()), f"arm-{name}")


def _reporting(component: Component) -> Mapping[str, str]:
    tell: Callable[[], Mapping[str, str]] | None = getattr(component, "reporting", None)
    return tell() if tell is not None else {}
