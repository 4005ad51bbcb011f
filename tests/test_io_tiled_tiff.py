"""Pyramidal tiled TIFF: other readers find the levels, the scale and the pixels."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, zoom

from hepar.core.errors import DataError

pytest.importorskip("PIL")

from PIL import Image

from hepar.io.tiled_tiff import label_image, write_tiled_tiff

Rgb = NDArray[np.uint8]


def picture(rows: int = 700, columns: int = 1100) -> Rgb:
    """Colours so smooth that JPEG keeps them within a few levels."""
    rng = np.random.default_rng(0)
    field = gaussian_filter(rng.standard_normal((rows // 4 + 1, columns // 4 + 1, 3)), (10, 10, 0))
    large = zoom(field, (4, 4, 1), order=1)[:rows, :columns]
    return np.clip(180 + 1200 * large, 0, 255).astype(np.uint8)


def pyramid(rgb: Rgb) -> tuple[Rgb, ...]:
    return rgb, rgb[2::4, 2::4][: rgb.shape[0] // 4, : rgb.shape[1] // 4]


def test_openslide_finds_levels_scale_and_pixels(tmp_path: Path) -> None:
    openslide = pytest.importorskip("openslide")
    levels = pyramid(picture())
    write_tiled_tiff(levels, tmp_path / "case.svs", um_per_px=0.4567)
    with openslide.OpenSlide(tmp_path / "case.svs") as found:
        assert found.properties["openslide.vendor"] == "aperio"
        assert float(found.properties["openslide.mpp-x"]) == pytest.approx(0.4567)
        assert float(found.properties["openslide.objective-power"]) == pytest.approx(21.8961, abs=1e-3)
        assert found.level_dimensions == ((1100, 700), (275, 175))
        assert set(found.associated_images) == {"label", "macro", "thumbnail"}
        for index, level in enumerate(levels):
            size = level.shape[1::-1]
            seen = np.asarray(found.read_region((0, 0), index, size).convert("RGB")).astype(int)
            assert np.abs(seen - level).mean() < 2
            assert np.abs(seen - level).max() < 20


def test_tifffile_finds_the_same(tmp_path: Path) -> None:
    tifffile = pytest.importorskip("tifffile")
    write_tiled_tiff(pyramid(picture()), tmp_path / "case.tif", um_per_px=0.5)
    with tifffile.TiffFile(tmp_path / "case.tif") as file:
        assert file.is_svs
        assert [level.shape for level in file.series[0].levels] == [(700, 1100, 3), (175, 275, 3)]
        page = file.pages[0]
        assert page.tags["XResolution"].value == (20_000, 1)
        assert page.tags["ResolutionUnit"].value == 3


def test_tiles_are_whole_jpeg_streams(tmp_path: Path) -> None:
    """Pillow reads the file too: another decoder, and the first tile at its place."""
    rgb = picture(300, 300)
    write_tiled_tiff([rgb], tmp_path / "one.tif", um_per_px=0.5, label=False, quality=95, subsampling="4:4:4")
    with Image.open(tmp_path / "one.tif") as image:
        seen = np.asarray(image.convert("RGB")).astype(int)
    assert seen.shape == rgb.shape
    assert np.abs(seen - rgb).max() < 12


def test_the_same_picture_gives_the_same_bytes(tmp_path: Path) -> None:
    rgb = picture(300, 400)
    for name in ("a.svs", "b.svs"):
        write_tiled_tiff([rgb], tmp_path / name, um_per_px=0.5)
    assert (tmp_path / "a.svs").read_bytes() == (tmp_path / "b.svs").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.svs", "b.svs"]


def test_the_label_bears_what_it_is_and_no_name(tmp_path: Path) -> None:
    blank = label_image(".")
    assert (label_image("SIMULATED SIM-E-0001") < 100).sum() > (blank < 100).sum()
    write_tiled_tiff([picture(260, 260)], tmp_path / "a.svs", um_per_px=0.5, about="SIMULATED SIM-E-0001")
    head = (tmp_path / "a.svs").read_bytes()
    assert head.count(b"SIMULATED SIM-E-0001") >= 4
    assert b"Date" not in head
    assert b"User" not in head


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"levels": []}, "at least one level"),
        ({"levels": [np.zeros((50, 50), np.uint8)]}, "is no picture"),
        ({"levels": [np.zeros((50, 50, 3), np.float32)]}, "is no picture"),
        ({"levels": [np.zeros((50, 50, 3), np.uint8)] * 2}, "cannot follow"),
        ({"um_per_px": 0.0}, "has no size"),
        ({"quality": 0}, "1 to 100"),
        ({"subsampling": "4:1:1"}, "4:4:4"),
        ({"about": "two|parts"}, "printable ASCII"),
        ({"path": Path("slide.png")}, "name a slide"),
    ],
)
def test_what_makes_no_slide_is_refused(change: dict[str, Any], message: str, tmp_path: Path) -> None:
    given: dict[str, Any] = {
        "levels": [np.zeros((50, 50, 3), np.uint8)],
        "path": tmp_path / "a.svs",
        "um_per_px": 0.5,
    }
    with pytest.raises(DataError, match=message):
        write_tiled_tiff(**(given | change))
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(ValueError, match="cannot be written"):
        write_tiled_tiff([picture(64, 64)], tmp_path / "file" / "a.svs", um_per_px=0.5)
