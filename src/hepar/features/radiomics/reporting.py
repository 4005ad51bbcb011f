"""What the IBSI asks to be reported, answered from the settings."""

from collections.abc import Mapping

from ..._version import __version__
from ...imaging.nomenclature import features
from .regions import RegionPlan
from .settings import TEXTURE, Settings

NOT_INTERPOLATED = "Not applicable: nothing was interpolated."
ON_REQUEST = {
    "spatial": ("morph_moran_i", "morph_geary_c"),
    "enclosing": tuple(f"morph_{what}_dens_{body}" for what in ("vol", "area") for body in ("ombb", "mvee")),
}
"""Setting -> features of morphology that are measured only where it is on."""

WHERE = {"nearest": "nearest neighbour", "linear": "trilinear", "cubic": "tricubic B-spline"}


def reporting(
    settings: Settings, regions: Mapping[str, RegionPlan], *, repeats: int = 0
) -> Mapping[str, str]:
    """Answers by item of the IBSI reporting guideline (Zwanenburg et al., 2016, chapter 4), as `ibsi.<item>`."""
    return {
        **_interpolation(settings),
        **_region(settings, regions),
        **_discretisation(settings),
        **_features(settings, repeats),
        **(_texture(settings) if TEXTURE & set(settings.families) else {}),
    }


def printed(settings: Settings, regions: Mapping[str, RegionPlan] | None = None, *, repeats: int = 0) -> str:
    """The answers as lines of text, e.g. for a supplement."""
    answers = reporting(settings, regions or {}, repeats=repeats)
    return "\n".join(f"{key.removeprefix('ibsi.'):>4}  {text}" for key, text in answers.items())


def _interpolation(settings: Settings) -> Mapping[str, str]:
    if settings.spacing_mm is None:
        none = dict.fromkeys(("ibsi.50c", "ibsi.50d", "ibsi.52", "ibsi.53", "ibsi.54"), NOT_INTERPOLATED)
        return {"ibsi.50a": "The image was not interpolated.", **none, "ibsi.51": "Voxels as acquired."}
    kept = "its own spacing along {}".format(
        ", ".join(axis for axis, mm in zip("zyx", settings.spacing_mm, strict=True) if mm is None)
    )
    sizes = ", ".join(f"{mm:g} mm" if mm else "as acquired" for mm in settings.spacing_mm)
    plane = None in settings.spacing_mm
    rounded = {
        None: "Intensities in HU are rounded to whole numbers; others are not.",
        True: "Rounded.",
        False: "Not rounded.",
    }
    return {
        "ibsi.50a": f"{WHERE[settings.interpolation]} interpolation of the image.",
        "ibsi.50b": "Grid centres aligned.",
        "ibsi.50c": f"In the plane; {kept}." if plane else "In three dimensions.",
        "ibsi.50d": "Beyond the image the intensity of its border.",
        "ibsi.51": f"Voxels along z, y, x: {sizes}.",
        "ibsi.52": rounded[settings.round_intensities],
        "ibsi.53": f"{WHERE[settings.mask_interpolation]} interpolation of the mask.",
        "ibsi.54": "A voxel belongs to the region where the interpolated mask is 0.5 or more.",
    }


def _region(settings: Settings, regions: Mapping[str, RegionPlan]) -> Mapping[str, str]:
    steps = []
    if settings.intensity_range is not None:
        low, high = ("no limit" if v is None else f"{v:g}" for v in settings.intensity_range)
        steps.append(f"intensities from {low} to {high}")
    if settings.outliers_sigma is not None:
        steps.append(f"within {settings.outliers_sigma:g} standard deviations of the mean")
    names = {"ibsi.1": f"Regions: {', '.join(regions)}."} if regions else {}
    text = (
        f"Intensity mask: {' and '.join(steps)}; the morphological mask is unchanged." if steps else "None."
    )
    return {**names, "ibsi.55": text}


def _discretisation(settings: Settings) -> Mapping[str, str]:
    if settings.bin_width is not None:
        first = "the lower limit of re-segmentation, or the region's minimum where there is none"
        return {
            "ibsi.56a": "Fixed bin size.",
            "ibsi.56b": f"Bins of {settings.bin_width:g} {settings.unit or 'in the image unit'}.",
            "ibsi.56c": f"The first bin begins at {first}.",
        }
    return {"ibsi.56a": "Fixed bin number.", "ibsi.56b": f"{settings.bins} bins."}


def _features(settings: Settings, repeats: int) -> Mapping[str, str]:
    left_out = {tag for name, tags in ON_REQUEST.items() if not getattr(settings, name) for tag in tags}
    count = sum(f.family in settings.families and f.tag not in left_out for f in features().values())
    filters = "; ".join(f.describe() for f in settings.filters)
    robust = {
        "ibsi.60": f"Each feature was measured again under {repeats} perturbations of each image and region."
    }
    return {
        "ibsi.57": f"{filters}; discretised to {settings.filter_bin_number} bins."
        if filters
        else "No filter.",
        "ibsi.58": f"{count} features of {', '.join(settings.families)}.",
        "ibsi.59": "Agrees with the IBSI-1 digital phantom and the IBSI-2 response maps (docs/ibsi.md).",
        **(robust if repeats else {}),
        "ibsi.61": f"hepar {__version__}.",
    }


def _texture(settings: Settings) -> Mapping[str, str]:
    return {
        "ibsi.62": f"{settings.describe_aggregations()}.",
        "ibsi.63": "No weighting by distance.",
        "ibsi.64": "Symmetric co-occurrence.",
        "ibsi.65": "Chebyshev distance 1.",
        "ibsi.66": "Zones of connected voxels: Chebyshev distance 1.",
        "ibsi.67": "Zones of connected voxels: Chebyshev distance 1.",
        "ibsi.68": "Manhattan distance to the border of the morphological mask.",
        "ibsi.69": "Chebyshev distance 1.",
        "ibsi.70": "Chebyshev distance 1.",
        "ibsi.71": "Coarseness parameter 0.",
    }
