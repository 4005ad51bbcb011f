"""The data dictionary: what each field of a table is, in which unit, within which range."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

Kind = Literal["number", "category", "ordinal", "boolean", "date", "text"]


class Field(BaseModel):
    """One clinical field."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind
    unit: str | None = None
    label: str | None = None
