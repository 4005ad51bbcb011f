"""Components: frozen values that a protocol names by `kind` and that do one thing.

A component is its own configuration. A family is a package whose `MEMBERS` table says where each
kind is defined; a module is imported when it is named. Other packages add to a family by an entry
point in the group of its name.
"""

from importlib import import_module
from importlib.metadata import entry_points
from typing import Any, ClassVar, Self, cast

from pydantic import BaseModel, ConfigDict, ValidationError

from .document import explain
from .errors import ProtocolError, choices
from .fingerprint import fingerprint


class Component(BaseModel):
    """Base of the families: extractors, models, comparators, analyses, partitions."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str

    family: ClassVar[str]
    """Package that holds the family; also the entry-point group of members elsewhere."""
    version: ClassVar[int] = 1
    """Raise it when the same parameters give another result."""

    @classmethod
    def parse(cls, value: Any) -> Self:
        """Build the member that `value` names: `"kind"`, or `{"kind": ..., **parameters}`."""
        if isinstance(value, cls):
            return value
        params = {"kind": value} if isinstance(value, str) else value
        if not isinstance(params, dict) or "kind" not in params:
            raise ProtocolError(
                f"found {value!r}; write a kind, or a mapping with a kind. {choices('', cls.places())}"
            )
        member = cls.member(str(params["kind"]))
        try:
            return member.model_validate(params)
        except ValidationError as error:
            told = (line.removeprefix("document: ") for line in explain(error, member))
            raise ProtocolError(f"{params['kind']}: {'; '.join(told)}") from None

    @classmethod
    def member(cls, kind: str) -> type[Self]:
        """The class that `kind` names."""
        places = cls.places()
        if kind not in places:
            raise ProtocolError(f"{cls.family} has no {kind!r}; {choices(kind, places)}")
        module, _, name = places[kind].partition(":")
        return cast(type[Self], getattr(import_module(module), name))

    @classmethod
    def places(cls) -> dict[str, str]:
        """Where each kind of the family is defined, as `module:Class`."""
        built_in = import_module(cls.family).MEMBERS
        return {
            **{kind: f"{cls.family}.{place}" for kind, place in built_in.items()},
            **{entry.name: entry.value for entry in entry_points(group=cls.family)},
        }

    @property
    def fingerprint(self) -> str:
        """Changes with the kind, the `version` and the parameters, and with those of any component inside."""
        values = [value for name in type(self).model_fields for value in _listed(getattr(self, name))]
        inside = [value.fingerprint for value in values if isinstance(value, Component)]
        return fingerprint(self.family, self.version, self.model_dump(mode="json"), inside)


def _listed(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)
