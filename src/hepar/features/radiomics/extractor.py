"""Radiomics of one case: its image, its regions, and the same under small changes."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from ...core.errors import DataError, HeparError, ProtocolError
from ...core.fingerprint import fingerprint
from ...core.packages import IMAGES
from ...data.case import Case
from ...imaging.geometry import Volume
from ...transforms.columns import REPEAT
from ..base import Extractor, Value
from .regions import Region, RegionPlan, build_region
from .reporting import reporting
from .settings import Settings

RegionName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Radiomics(Extractor):
    """IBSI radiomics of the named regions of one acquisition (Zwanenburg et al., 2020; Whybra et al., 2024).

    A feature is called `<region>_<image>_<tag>`, e.g. `liver_original_stat_mean`; tags are those of
    `hepar.imaging.nomenclature`. With `repeats` each feature stands once more for every perturbation (shift, rotation,
    noise, another contour) as `<name>@1`, `<name>@2`, ...: the transform `stable` turns these into a choice of robust
    features and takes them away.
    """

    kind: Literal["radiomics"] = "radiomics"
    version: ClassVar[int] = 2
    image: str
    regions: dict[RegionName, Region] = Field(min_length=1)
    settings: Settings = Settings()
    repeats: Annotated[int, Field(ge=0, le=50)] = 0

    @model_validator(mode="after")
    def _some_region_is_needed(self) -> Self:
        if all(plan.optional for plan in self.regions.values()):
            raise ProtocolError(
                "every region is optional; make at least one required, or a case may have no feature"
            )
        return self

    @property
    def acquisitions(self) -> tuple[str, ...]:
        """See `Extractor`."""
        needed = (name for plan in self.regions.values() if not plan.optional for name in plan.masks)
        return tuple(dict.fromkeys((self.image, *needed)))

    @property
    def packages(self) -> tuple[str, ...]:
        """See `Extractor`."""
        return IMAGES

    def reporting(self) -> Mapping[str, str]:
        """See `Extractor`."""
        return reporting(self.settings, self.regions, repeats=self.repeats)

    def inputs(self, case: Case) -> str:
        """See `Extractor`."""
        return fingerprint(
            [case.acquisition(name).fingerprint for name in self._read_from(case)], case.case_id
        )

    def extract(self, case: Case) -> Mapping[str, Value]:
        """See `Extractor`; a region that cannot be measured is refused, naming it."""
        image = case.acquisition(self.image).load()
        masks = {name: case.acquisition(name).load() for name in self._read_from(case) if name != self.image}
        regions = {name: _built(name, plan, masks) for name, plan in self._of(case).items()}
        found = _flat(self._features(image, regions), suffix="")
        for number in range(1, self.repeats + 1):
            repeated = self._repeated(image, regions, case_id=case.case_id, number=number)
            found |= _flat(repeated, suffix=f"{REPEAT}{number}")
        return found

    def _of(self, case: Case) -> Mapping[str, RegionPlan]:
        """The regions whose masks the case has, and those that it must have."""
        return {
            name: plan
            for name, plan in self.regions.items()
            if not plan.optional or all(mask in case.acquisitions for mask in plan.masks)
        }

    def _read_from(self, case: Case) -> tuple[str, ...]:
        masks = (name for plan in self._of(case).values() for name in plan.masks)
        return tuple(dict.fromkeys((self.image, *masks)))

    def _features(self, image: Volume, regions: Mapping[str, Volume]) -> Mapping[str, Mapping[str, float]]:
        from .pipeline import extract_regions

        return extract_regions(image, regions, self.settings)

    def _repeated(
        self, image: Volume, regions: Mapping[str, Volume], *, case_id: str, number: int
    ) -> Mapping[str, Mapping[str, float]]:
        from ...imaging.perturb import draw, perturb, standard_perturbations
        from .prepare import reach_mm

        kinds = standard_perturbations(self.repeats)[number - 1]
        change = draw(kinds, seed=number, case_id=case_id)
        margin_mm = max(reach_mm(image, self.settings))
        changed = {name: perturb(image, mask, change, margin_mm=margin_mm) for name, mask in regions.items()}
        parts = [self._features(moved, {name: mask}) for name, (moved, mask) in changed.items()]
        return {name: values for part in parts for name, values in part.items()}


def _built(name: str, plan: RegionPlan, masks: Mapping[str, Volume]) -> Volume:
    try:
        return build_region(plan, masks)
    except HeparError as error:
        raise DataError(f"region {name!r}: {error}") from None


def _flat(found: Mapping[str, Mapping[str, float]], *, suffix: str) -> dict[str, Value]:
    return {
        f"{region}_{name}{suffix}": value
        for region, values in found.items()
        for name, value in values.items()
    }
