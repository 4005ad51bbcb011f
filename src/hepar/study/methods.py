"""Ways of making features of an image: by the standard, or as PyRadiomics does, chosen by the settings file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .._version import __version__
from ..core.document import read_document, read_yaml
from ..core.errors import DataError, HeparError, ProtocolError, choices
from ..core.fingerprint import fingerprint
from ..features.base import Value
from ..features.pyradiomics.advice import deviations, unused
from ..features.pyradiomics.parameters import Parameters, read_parameters
from ..features.radiomics.extractor import Radiomics
from ..features.radiomics.reporting import printed
from ..features.radiomics.settings import Settings, spelt
from ..imaging.geometry import Volume
from .batch import Method

PYRADIOMICS_KEYS = frozenset({"setting", "imageType", "featureClass", "voxelSetting"})


@dataclass(frozen=True, slots=True)
class Standard:
    """Features by the Image Biomarker Standardisation Initiative."""

    settings: Settings

    @property
    def fingerprint(self) -> str:
        """See `Method`."""
        filters = [one.fingerprint for one in self.settings.filters]
        return fingerprint("ibsi", Radiomics.version, self.settings.model_dump(mode="json"), filters)

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Method`."""
        return ()

    @property
    def reporting(self) -> str:
        """See `Method`."""
        return printed(self.settings)

    def chosen(self, regions: Mapping[str, Volume]) -> Mapping[str, Volume]:
        """See `Method`."""
        return regions

    def features(self, image: Volume, regions: Mapping[str, Volume]) -> Mapping[str, Mapping[str, Value]]:
        """See `Method`."""
        from ..features.radiomics.pipeline import extract_regions

        return extract_regions(image, regions, self.settings)


@dataclass(frozen=True, slots=True)
class Compatible:
    """The values and names of PyRadiomics, for models that were built on them."""

    parameters: Parameters

    @property
    def fingerprint(self) -> str:
        """See `Method`."""
        return fingerprint("pyradiomics", __version__, self.parameters.model_dump(mode="json"))

    @property
    def notes(self) -> tuple[str, ...]:
        """See `Method`."""
        return (*unused(self.parameters), *deviations(self.parameters))

    def features(self, image: Volume, regions: Mapping[str, Volume]) -> Mapping[str, Mapping[str, Value]]:
        """See `Method`."""
        from ..features.pyradiomics.extract import extract

        label = self.parameters.setting.label
        found = {}
        for name, mask in regions.items():
            labelled = mask.like(np.where(mask.array, label, 0))
            try:
                found[name] = extract(image, labelled, self.parameters)
            except HeparError as error:
                raise type(error)(f"region {name!r}: {error}") from None
        return found

    @property
    def reporting(self) -> str:
        """See `Method`."""
        lines = (
            "Values and names of PyRadiomics, which depart from the IBSI's:",
            *deviations(self.parameters),
        )
        return "\n".join((*lines, "Parameters:", self.parameters.model_dump_json(by_alias=True, indent=1)))

    def chosen(self, regions: Mapping[str, Volume]) -> Mapping[str, Volume]:
        """See `Method`: the region of the label that the file names; all where it names none, or they are no labels."""
        setting = self.parameters.setting
        if str(setting.label) in regions:
            return {str(setting.label): regions[str(setting.label)]}
        if "label" in setting.model_fields_set and all(name.isdigit() for name in regions):
            raise DataError(
                f"the mask has no label {setting.label}, which the parameter file names;"
                f" {choices(str(setting.label), regions)}"
            )
        return regions


def read_method(path: Path | None, *, compat: bool = False, unit: str | None = None) -> Method:
    """The method that a settings file asks for: a PyRadiomics parameter file gives the values of PyRadiomics.

    Without a file the standard's features with their defaults, or those of PyRadiomics where `compat` asks for them.
    """
    method = _read_method(path, compat=compat, unit=unit)
    if unit is not None and isinstance(method, Compatible):
        raise ProtocolError(f"unit {unit!r}: PyRadiomics knows no unit of intensities; leave it out")
    return method


def _read_method(path: Path | None, *, compat: bool, unit: str | None) -> Method:
    if path is None:
        return Compatible(Parameters()) if compat else Standard(Settings(unit=unit))
    content = read_yaml(path)
    if isinstance(content, dict) and PYRADIOMICS_KEYS & set(content):
        return Compatible(read_parameters(path))
    if compat:
        raise ProtocolError(
            f"{path}: is no PyRadiomics parameter file, which has {' or '.join(sorted(PYRADIOMICS_KEYS))}; leave out"
            " --compat"
        )
    settings = read_document(Settings, path, what="radiomics settings file")
    return Standard(settings if unit is None else settings.model_copy(update={"unit": spelt(unit)}))


def map_settings(method: Method, maps: Sequence[str]) -> Settings:
    """The settings by which images are made ready for `maps`; PyRadiomics' own are refused, and an unknown map."""
    if not maps:
        return method.settings if isinstance(method, Standard) else Settings()
    from ..imaging.voxelwise import refuse_unmapped

    refuse_unmapped(maps)
    if not isinstance(method, Standard):
        raise ProtocolError(
            "maps are made by the standard's settings, not by PyRadiomics'; leave out compat, or maps"
        )
    return method.settings
