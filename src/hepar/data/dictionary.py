"""The data dictionary: a table described as a document, its fields, units, codes and derivations."""

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic import Field as Setting

from ..core.document import read_document
from ..core.errors import ProtocolError, choices
from .acquisitions import AcquisitionName, Declaration, refuse_unplaced_masks
from .derive import Derivation
from .field import Codes, Field, Kind
from .units import unit_in_name, unit_of

__all__ = ["Constant", "Dataset", "Field", "Kind", "bundled_datasets", "read_dataset"]


class Constant(BaseModel):
    """The same value for every row, e.g. the one site of a single-centre table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    constant: str


class Dataset(BaseModel):
    """A table and what its columns mean.

    `table` is relative to the document. `case`, `participant` and `site` name columns; a site made of several columns
    is joined by "-". `missing` are the codes that mean missing in every column; an empty cell always does.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    title: str
    source: str
    licence: str
    citation: str
    simulated: bool = False
    """No patient stands behind the rows: a study on them has to say so, too."""
    table: str
    sheet: str | None = None
    header_row: int | None = Setting(default=None, ge=1)
    """Row of the file, counted from 1, that names the columns; the first that is not blank when omitted."""
    delimiter: str | None = Setting(default=None, min_length=1, max_length=1)
    encoding: str = "utf-8"
    decimal: Literal[".", ","] = "."
    case: str
    participant: str | None = None
    site: str | tuple[str, ...] | Constant
    missing: Codes = ()
    fields: dict[str, Field] = Setting(min_length=1)
    derived: dict[str, Derivation] = Setting(default_factory=dict)
    acquisitions: dict[AcquisitionName, Declaration] = Setting(default_factory=dict)
    """Images and masks of each case."""

    @model_validator(mode="after")
    def _fields_are_complete(self) -> Self:
        for name, field in self.fields.items():
            if field.kind == "category" and not field.levels:
                raise ProtocolError(
                    f"fields.{name}: a category needs codes, or levels that list what is allowed"
                )
            _refuse_other_unit(name, field)
            if field.not_before is not None:
                _need(self.fields, field.not_before, kind="date", why=f"fields.{name}.not_before")
            if field.not_after is not None and field.last_day is None:
                _need(self.fields, field.not_after, kind="date", why=f"fields.{name}.not_after")
        return self

    @model_validator(mode="after")
    def _derivations_have_what_they_need(self) -> Self:
        known = dict(self.fields)
        for name, derivation in self.derived.items():
            for needed, kind in derivation.needs.items():
                _need(known, needed, kind=kind, why=f"derived.{name}")
            added = derivation.produces(name)
            for twice in sorted(set(added) & set(known)):
                raise ProtocolError(
                    f"derived.{name}: makes {twice!r}, which is a field already; choose another name"
                )
            known |= added
        return self

    @model_validator(mode="after")
    def _masks_lie_on_images(self) -> Self:
        refuse_unplaced_masks(self.acquisitions)
        return self

    @property
    def all_fields(self) -> Mapping[str, Field]:
        """Every field of the cohort: those read, then those derived."""
        derived = {n: f for name, d in self.derived.items() for n, f in d.produces(name).items()}
        return {**self.fields, **derived}

    def columns_of(self, name: str) -> frozenset[str]:
        """Columns of the table that field `name` is made of, through every derivation."""
        if name in self.fields:
            return frozenset({self.fields[name].column or name})
        return frozenset().union(*(self.columns_of(needed) for needed in self._derivation_of(name).needs))

    def is_follow_up(self, name: str) -> bool:
        """Whether field `name` is known only after baseline: it says so, or it is made of such a field."""
        if name in self.fields:
            return self.fields[name].follow_up
        return any(self.is_follow_up(needed) for needed in self._derivation_of(name).needs)

    def _derivation_of(self, name: str) -> Derivation:
        return next(d for made, d in self.derived.items() if name in d.produces(made))

    @property
    def site_columns(self) -> Sequence[str]:
        """The columns that make up the site; none if it is constant."""
        if isinstance(self.site, Constant):
            return ()
        return (self.site,) if isinstance(self.site, str) else self.site


def _refuse_other_unit(name: str, field: Field) -> None:
    """A comparator that reads `platelets_10e9_l` takes the name at its word."""
    said = unit_in_name(name)
    if said is not None and field.unit is not None and unit_of(said) != unit_of(field.unit):
        raise ProtocolError(
            f"fields.{name}: the name says {said}, but unit is {field.unit}; declare unit: {said} (with source_unit:"
            f" {field.unit} if that is what the table holds), or rename the field"
        )


def _need(fields: Mapping[str, Field], name: str, *, kind: str, why: str) -> None:
    if name not in fields:
        raise ProtocolError(f"{why}: needs field {name!r}, which is not declared; {choices(name, fields)}")
    if fields[name].kind != kind:
        raise ProtocolError(f"{why}: needs {name!r} to be of kind {kind}; it is {fields[name].kind}")


def read_dataset(path: Path | str) -> Dataset:
    """The data dictionary at `path`, or of the bundled data set of that name, e.g. "tcga_coadread"."""
    return read_document(Dataset, dictionary_path(path), what="data dictionary")


def dictionary_path(path: Path | str) -> Path:
    """Where a data dictionary is: `path` itself, in that folder, or that of the bundled data set so called."""
    found = Path(path)
    if found.is_dir():
        return found / "dictionary.yaml"
    if found.suffix in (".yaml", ".yml"):
        return found
    bundled = bundled_datasets()
    if str(path) not in bundled:
        raise ProtocolError(
            f"{path}: is neither a YAML file nor a bundled data set; {choices(str(path), bundled)}"
        )
    return bundled[str(path)]


def bundled_datasets() -> Mapping[str, Path]:
    """Name -> data dictionary of each data set that comes with the package."""
    root = Path(str(resources.files("hepar"))) / "studies" / "data"
    return {path.parent.name: path for path in sorted(root.glob("*/dictionary.yaml"))}
