"""Maps of features voxel by voxel, on the grid and with the levels that the features of the region have."""

from collections.abc import Sequence
from dataclasses import dataclass

from ...imaging.geometry import Volume
from .prepare import level_image, level_of, ready
from .settings import Settings


@dataclass(frozen=True, slots=True, eq=False)
class RegionMaps:
    """The image round a region, the region, and maps of its features; all on one grid."""

    image: Volume
    region: Volume
    maps: dict[str, Volume]


def region_maps(
    image: Volume, region: Volume, settings: Settings, *, tags: Sequence[str], radius: int = 1
) -> RegionMaps:
    """Maps of `tags` in `region`: each voxel's value is that of the box that reaches `radius` voxels from it.

    NaN outside the region. Interpolation, re-segmentation and discretisation are those of the features.
    """
    from ...imaging.voxelwise import voxel_maps

    (part,) = ready(image, {"region": region}, settings)
    near, found = part.image, part.regions["region"]
    levels = level_image(level_of(near.array[found.kept], settings), found)
    maps = voxel_maps(levels, tags=tags, image=near.array, radius=radius)
    dense = {tag: near.like(maps.dense(tag), unit="") for tag in tags}
    return RegionMaps(near, near.like(found.whole, unit=""), dense)
