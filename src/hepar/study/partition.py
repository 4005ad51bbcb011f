"""Partitions: who is predicted by a model that learnt from whom. Patients and sites never straddle."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from ..core.component import Component
from ..core.errors import ProtocolError, RunError
from ..data.eligibility import Condition
from ..data.parts import stratified_parts
from ..data.predictions import Role
from ..data.reference import Reference

MEMBERS = {
    "k_fold": "KFold",
    "site_folds": "SiteFolds",
    "leave_one_site_out": "LeaveOneSiteOut",
    "external_sites": "ExternalSites",
    "temporal": "Temporal",
}


@dataclass(frozen=True, slots=True)
class Fold:
    """One part held out: row positions that train and row positions that are predicted."""

    name: str
    role: Role
    train: np.ndarray
    held_out: np.ndarray


class Partition(Component):
    """A rule that splits a cohort; it sees identifiers, sites and the outcome's classes, never a feature."""

    family: ClassVar = "hepar.study.partition"
    keeps_whole: ClassVar[str] = "participant_id"
    """Column whose groups stay whole, also in the parts that tuning makes inside training."""

    @classmethod
    def places(cls) -> dict[str, str]:
        """See `Component`; the members of this family stand in this module."""
        return {kind: f"{cls.family}:{name}" for kind, name in MEMBERS.items()}

    @abstractmethod
    def folds(self, reference: Reference, clinical: pd.DataFrame, *, seed: int) -> list[Fold]:
        """The parts, which hold every row out once at most."""

    @property
    def reads(self) -> tuple[str, ...]:
        """Clinical fields it reads."""
        return ()


class KFold(Partition):
    """`folds` parts, stratified by outcome, with every participant's cases in one part."""

    kind: Literal["k_fold"] = "k_fold"
    n: int = Field(default=5, ge=2, alias="folds", serialization_alias="folds")

    def folds(self, reference: Reference, clinical: pd.DataFrame, *, seed: int) -> list[Fold]:
        """See `Partition`."""
        return stratified(reference, reference.participants, n=self.n, seed=seed, what="participants")


class SiteFolds(Partition):
    """`folds` parts made of whole sites, stratified by outcome as far as sites allow: many small sites, pooled."""

    kind: Literal["site_folds"] = "site_folds"
    keeps_whole: ClassVar = "site"
    n: int = Field(default=5, ge=2, alias="folds", serialization_alias="folds")

    def folds(self, reference: Reference, clinical: pd.DataFrame, *, seed: int) -> list[Fold]:
        """See `Partition`."""
        return stratified(reference, reference.table["site"].to_numpy(), n=self.n, seed=seed, what="sites")


class LeaveOneSiteOut(Partition):
    """Each site in turn is predicted by a model from all other sites (internal-external validation)."""

    kind: Literal["leave_one_site_out"] = "leave_one_site_out"
    keeps_whole: ClassVar = "site"

    def folds(self, reference: Reference, clinical: pd.DataFrame, *, seed: int) -> list[Fold]:
        """See `Partition`."""
        site = reference.table["site"].to_numpy()
        names = sorted(set(site))
        if len(names) < 2:
            raise RunError(f"leave_one_site_out needs two or more sites; the cohort has {names}: use k_fold")
        return [_fold(f"site {name}", "cross-validated", site == name) for name in names]


class ExternalSites(Partition):
    """Named sites are held out for good; development sites are also cross-validated in `folds` parts."""

    kind: Literal["external_sites"] = "external_sites"
    sites: tuple[str, ...] = Field(min_length=1)
    n: int = Field(default=5, ge=2, alias="folds", serialization_alias="folds")

    def folds(self, reference: Reference, clinical: pd.DataFrame, *, seed: int) -> list[Fold]:
        """See `Partition`."""
        site = reference.table["site"].to_numpy()
        absent = sorted(set(self.sites) - set(site))
        if absent:
            raise ProtocolError(
                f"external sites {absent} are not in the cohort; its sites: {sorted(set(site))}"
            )
        return _development_and_external(
            reference, np.isin(site, self.sites), n=self.n, seed=seed, name="external sites"
        )


class Temporal(Partition):
    """Cases for which `later` holds are held out for good; earlier ones are also cross-validated in `folds` parts."""

    kind: Literal["temporal"] = "temporal"
    later: Condition
    n: int = Field(default=5, ge=2, alias="folds", serialization_alias="folds")

    @property
    def reads(self) -> tuple[str, ...]:
        """See `Partition`."""
        return (self.later.field,)

    def folds(self, reference: Reference, clinical: pd.DataFrame, *, seed: int) -> list[Fold]:
        """See `Partition`; a case whose date is missing is refused, because it belongs to neither period."""
        held = [self.later.holds(value) for value in clinical.loc[reference.table.index, self.later.field]]
        if any(h is None for h in held):
            case = reference.table.index[held.index(None)]
            raise RunError(f"case {case} has no {self.later.field}; exclude it by a criterion, or fill it in")
        return _development_and_external(
            reference, np.array(held, dtype=bool), n=self.n, seed=seed, name=f"period with {self.later}"
        )


def stratified(
    reference: Reference, group: np.ndarray, *, n: int, seed: int, what: str, role: Role = "cross-validated"
) -> list[Fold]:
    """`n` parts of whole groups, with the outcome's classes in like proportion."""
    parts = stratified_parts(reference, group, n=n, seed=seed, what=what)
    return [Fold(f"part {number}", role, train, held) for number, (train, held) in enumerate(parts, start=1)]


def check_folds(folds: Sequence[Fold], reference: Reference) -> None:
    """Refuse folds in which a participant straddles, or a case is held out twice in one role."""
    participants = reference.participants
    for fold in folds:
        both = set(participants[fold.train]) & set(participants[fold.held_out])
        if both:
            raise RunError(
                f"{fold.name}: participant {min(both)} is in training and held out ({len(both)} such);"
                " give a participant's cases one site, or partition by participant"
            )
    for role in {fold.role for fold in folds}:
        held = np.concatenate([fold.held_out for fold in folds if fold.role == role])
        if len(held) != len(set(held.tolist())):
            raise RunError(
                f"the partition holds a case out twice in role {role!r}; each is to be predicted once"
            )


def _development_and_external(
    reference: Reference, external: np.ndarray, *, n: int, seed: int, name: str
) -> list[Fold]:
    if external.all() or not external.any():
        raise RunError(f"{name}: {int(external.sum())} of {len(external)} cases; neither part may be empty")
    inside = np.flatnonzero(~external)
    development = reference.take(inside)
    folds = stratified(development, development.participants, n=n, seed=seed, what="participants")
    internal = [Fold(f.name, f.role, inside[f.train], inside[f.held_out]) for f in folds]
    return [*internal, _fold(name, "external", external)]


def _fold(name: str, role: Role, held_out: np.ndarray) -> Fold:
    return Fold(name, role, np.flatnonzero(~held_out), np.flatnonzero(held_out))
