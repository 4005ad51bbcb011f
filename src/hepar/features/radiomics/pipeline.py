"""From an image and its regions to features: the original and every filter's response, family by family."""

from collections.abc import Mapping

from ...imaging.discretise import fixed_bin_number
from ...imaging.geometry import Array, Volume
from ...imaging.histogram import histogram
from ...imaging.local_intensity import local_intensity
from ...imaging.morphology import morphology
from ...imaging.statistics import statistics
from ...imaging.texture import texture_features
from ...imaging.texture_matrices import TEXTURE_FAMILIES, TextureFamily
from ...imaging.volume_histogram import volume_histogram
from .prepare import Ready, Region, level_image, level_of, naming, ready
from .settings import CONTINUOUS, Settings

Features = dict[str, float]


def extract_regions(image: Volume, regions: Mapping[str, Volume], settings: Settings) -> dict[str, Features]:
    """Features of each region by name, e.g. `original_stat_mean` or `log_3mm_cm_contrast_3d_mrg`.

    `regions` lie on the grid of `image`; what is above zero is inside. Several regions that overlap share the
    interpolated image and the filters' responses.

    Raises:
        DataError: a region on another grid, too small, or of one intensity; a setting that needs a unit where the
            image has none. Errors name the region.
    """
    found: dict[str, Features] = {}
    for part in ready(image, regions, settings):
        found |= _features(part, settings)
    return {name: found[name] for name in regions}


def _features(part: Ready, settings: Settings) -> dict[str, Features]:
    found: dict[str, Features] = {}
    for name, region in part.regions.items():
        with naming(name):
            found[name] = _prefixed("original", _of_original(part.image, region, settings))
    for one in settings.filters:
        for label, response in one.apply(part.image):
            for name, region in part.regions.items():
                with naming(name):
                    found[name] |= _prefixed(label, _of_response(response, region, settings))
    return found


def _prefixed(label: str, values: Mapping[str, float]) -> Features:
    return {f"{label}_{tag}": value for tag, value in values.items()}


def _of_original(image: Volume, region: Region, settings: Settings) -> Features:
    wanted, values = set(settings.families), image.array[region.kept]
    found: Features = {}
    if "morphology" in wanted:
        found |= morphology(
            region.whole,
            image.spacing_mm,
            image=image.array,
            intensity_mask=region.kept,
            correlation=settings.spatial,
            enclosing=settings.enclosing,
        )
    if "local_intensity" in wanted:
        found |= local_intensity(image.array, region.kept, image.spacing_mm)
    if "statistics" in wanted:
        found |= statistics(values)
    if "ivh" in wanted:
        found |= _volume_histogram(values, settings, whole=image.unit not in ("", *CONTINUOUS))
    return found | _of_levels(level_of(values, settings), region, settings, n_levels=_n_levels(settings))


def _of_response(response: Volume, region: Region, settings: Settings) -> Features:
    """Features of a filtered image: those of its values and its texture, in bins of a fixed number."""
    values = response.array[region.kept]
    found = statistics(values) if "statistics" in settings.families else {}
    levels = fixed_bin_number(values, settings.filter_bin_number)
    return found | _of_levels(levels, region, settings, n_levels=settings.filter_bin_number)


def _volume_histogram(values: Array, settings: Settings, *, whole: bool) -> Features:
    limits = settings.intensity_range or (None, None)
    if settings.ivh_bin_number is not None or not (whole or settings.ivh_bin_width):
        return volume_histogram(values, kind="arbitrary", n_bins=settings.ivh_bin_number or 1000)
    if settings.ivh_bin_width is not None:
        return volume_histogram(
            values, kind="continuous", bin_width=settings.ivh_bin_width, intensity_range=limits
        )
    return volume_histogram(values, kind="discrete", intensity_range=limits)


def _n_levels(settings: Settings) -> int | None:
    """Levels that exist; with bins of a fixed size those up to the highest that occurs."""
    return settings.bins if settings.bin_width is None else None


def _of_levels(levels: Array, region: Region, settings: Settings, *, n_levels: int | None) -> Features:
    found = histogram(levels, n_levels) if "histogram" in settings.families else {}
    families: list[TextureFamily] = [name for name in TEXTURE_FAMILIES if name in settings.families]
    if not families:
        return found
    return found | texture_features(
        level_image(levels, region),
        region=region.whole,
        n_levels=n_levels,
        families=families,
        aggregations=settings.aggregations,
        extents=settings.extents,
    )
