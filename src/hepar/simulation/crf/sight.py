"""What a condition sees while a SIMULATED record is being filled in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ...data.crf.branching import Reference
from ...data.crf.form import FormField, checkbox_column

Values = Mapping[str, str]
"""Column -> text of what has been entered."""
NO_VALUES: Values = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Sight:
    """The values of the line being filled in, and of the participant's other lines.

    `near` is the line of the same event that is none of a repeated form; `events` are all such lines by event.
    """

    fields: Mapping[str, FormField]
    own: Values
    near: Values = field(default_factory=dict)
    events: Mapping[str, Values] | None = None

    def strictly(self, reference: Reference) -> str:
        """As REDCap's branching logic: the same event unless another is named."""
        if reference.event:
            return self._text((self.events or {}).get(reference.event, NO_VALUES), reference)
        column = self._column(reference)
        return self._text(self.own if column in self.own else self.near, reference)

    def anywhere(self, reference: Reference) -> str:
        """As hepar's own rules: of another event where this one holds nothing."""
        found = self.strictly(reference)
        blank = {"", "0"} if self._column(reference) != reference.field else {""}
        if found not in blank or reference.event:
            return found
        others = {self._text(values, reference) for values in (self.events or {}).values()} - {*blank, found}
        return others.pop() if len(others) == 1 else found

    def of(self, name: str) -> str:
        """The text of a field, wherever it stands."""
        return self.anywhere(Reference(name))

    def _column(self, reference: Reference) -> str:
        known = self.fields.get(reference.field)
        if reference.code and known is not None and known.type == "checkbox":
            return checkbox_column(reference.field, reference.code)
        return reference.field

    def _text(self, values: Values, reference: Reference) -> str:
        column = self._column(reference)
        found = values.get(column, "")
        return found or ("0" if column != reference.field else "")
