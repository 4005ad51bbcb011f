"""Slides lose label, macro image and texts; tiles stay byte for byte; what cannot be cleaned is refused by name."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
import tifffile

from deid_samples import noise, run
from hepar.core.errors import DataError
from hepar.io.deidentification.slides import REFUSED, refused_format, strip_slide
from hepar.io.tiled_tiff import write_tiled_tiff
from test_deid_folder import source_with

APERIO = (
    "Aperio Image Library v10.0.51\r\n512x512 [0,0 512x512] (256x256) JPEG/RGB Q=30|AppMag = 20|MPP = 0.4990"
    "|User = Zyxwonder|Filename = HOSP-0471193|Date = 05/23/19|Barcode = B77120934"
)


def svs(path: Path, **options: Any) -> Path:
    levels = [noise(600, 700, 3), noise(300, 350, 3)]
    write_tiled_tiff(levels, path, um_per_px=0.5, about="SIMULATED Zyxwonder", **options)
    return path


def tiled(
    path: Path, *, description: str = APERIO, order: Literal["<", ">"] = "<", big: bool = False, **more: Any
) -> Path:
    """A SIMULATED slide with label, written by another library."""
    with tifffile.TiffWriter(path, byteorder=order, bigtiff=big) as file:
        plain: dict[str, Any] = {"metadata": None, "photometric": "rgb"}
        file.write(
            noise(512, 512, 3),
            tile=(256, 256),
            description=description,
            software="Zyxwonder 1",
            **plain,
            **more,
        )
        file.write(noise(256, 256, 3), tile=(128, 128), description=description, **plain)
        file.write(noise(200, 150, 3), description="Aperio\r\nlabel 150x200 Marigolda", **plain)
        file.write(noise(64, 192, 3), tile=(64, 64), description="macro 192x64", **plain)
    return path


def test_label_macro_and_thumbnail_are_dropped_and_the_levels_stay_as_they_are(tmp_path: Path) -> None:
    source = svs(tmp_path / "a.svs")
    made = strip_slide(source, tmp_path / "b.svs")
    assert made.levels == 2
    assert sorted(made.dropped) == ["label", "macro", "other image"]
    with tifffile.TiffFile(source) as old, tifffile.TiffFile(tmp_path / "b.svs") as new:
        assert len(new.pages) == 2
        for before, after in zip((old.pages[0], old.pages[2]), new.pages, strict=True):
            assert [_tile(old, before, k) for k in range(len(before.dataoffsets))] == [
                _tile(new, after, k) for k in range(len(after.dataoffsets))
            ]
    assert b"zyxwonder" not in (tmp_path / "b.svs").read_bytes().lower()


def _tile(file: Any, page: Any, k: int) -> bytes:
    file.filehandle.seek(page.dataoffsets[k])
    tile: bytes = file.filehandle.read(page.databytecounts[k])
    return tile


def test_readers_of_slides_find_levels_and_scale_and_no_associated_image(tmp_path: Path) -> None:
    import openslide

    strip_slide(svs(tmp_path / "a.svs"), tmp_path / "b.svs")
    with openslide.OpenSlide(str(tmp_path / "b.svs")) as slide:
        assert slide.level_dimensions == ((700, 600), (350, 300))
        assert float(slide.properties["openslide.mpp-x"]) == 0.5
        assert not dict(slide.associated_images)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_classic_and_big_tiff_of_either_byte_order(
    order: Literal["<", ">"], big: bool, tmp_path: Path
) -> None:
    source = tiled(tmp_path / "a.tif", order=order, big=big)
    made = strip_slide(source, tmp_path / "b.tif")
    assert (made.levels, made.dropped) == (2, ("label", "macro"))
    for key in (0, 1):
        np.testing.assert_array_equal(
            tifffile.imread(tmp_path / "b.tif", key=key), tifffile.imread(source, key=key)
        )
    content = (tmp_path / "b.tif").read_bytes().lower()
    for mark in (b"zyxwonder", b"hosp-0471193", b"05/23/19", b"marigolda", b"b77120934", b"tifffile"):
        assert mark not in content
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        assert file.pages.first.description.endswith("JPEG/RGB Q=30|AppMag = 20|MPP = 0.4990")


def test_a_description_that_is_not_aperios_is_dropped(tmp_path: Path) -> None:
    strip_slide(tiled(tmp_path / "a.tif", description="case of Zyxwonder"), tmp_path / "b.tif")
    with tifffile.TiffFile(tmp_path / "b.tif") as file:
        assert all(270 not in page.aspage().tags for page in file.pages)


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"description": "<?xml version='1.0'?><OME/>"}, "XML"),
        ({"extratags": [(65420, 4, 1, 1, True)]}, "NDPI"),
        ({"subifds": 1}, "inside images"),
    ],
)
def test_what_cannot_be_cleaned_is_refused(more: dict[str, Any], word: str, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=word):
        strip_slide(tiled(tmp_path / "a.tif", **more), tmp_path / "b.tif")
    assert not (tmp_path / "b.tif").exists()


def test_a_picture_that_is_no_slide_is_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", noise(64, 64, 3), photometric="rgb")
    with pytest.raises(DataError, match="not tiled"):
        strip_slide(tmp_path / "a.tif", tmp_path / "b.tif")


def test_tiles_that_hold_a_comment_are_refused(tmp_path: Path) -> None:
    source = svs(tmp_path / "a.svs")
    content = source.read_bytes()
    with tifffile.TiffFile(source) as file:
        place = file.pages[0].dataoffsets[0]
    source.write_bytes(
        content[: place + 2] + b"\xff\xfe" + content[place + 4 :]
    )  # the first segment is a comment now
    with pytest.raises(DataError, match="holds text"):
        strip_slide(source, tmp_path / "b.svs")


@pytest.mark.parametrize("left", [0, 7, 40, 5000])
def test_a_slide_that_was_cut_is_refused(left: int, tmp_path: Path) -> None:
    source = svs(tmp_path / "a.svs")
    source.write_bytes(source.read_bytes()[:left])
    with pytest.raises(DataError):
        strip_slide(source, tmp_path / "b.svs")


def test_directories_in_a_circle_are_refused(tmp_path: Path) -> None:
    head = b"II*\0\x08\0\0\0" + b"\x00\x00" + b"\x08\0\0\0"
    (tmp_path / "a.tif").write_bytes(head.ljust(64, b"\0"))
    with pytest.raises(DataError, match="circle"):
        strip_slide(tmp_path / "a.tif", tmp_path / "b.tif")


@pytest.mark.parametrize("suffix", sorted(REFUSED))
def test_other_formats_are_refused_with_their_reason(suffix: str) -> None:
    assert refused_format(Path(f"x{suffix.upper()}")) == REFUSED[suffix]


def test_a_folder_of_slides_gets_pseudonyms_and_tells_what_it_leaves_out(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    svs(source / "HOSP-0471193 Zyxwonder.svs")
    (source / "b.mrxs").write_bytes(b"x")
    (source / "c.tif").write_bytes(b"II*\0")
    made = run(source, tmp_path / "out")
    assert (made.slides, made.set_aside) == (1, {"slide": 2})
    (slide,) = (tmp_path / "out").rglob("*.svs")
    assert slide.name == "slide.svs"
    assert slide.parent.name.startswith("S-")
    table = (tmp_path / "out.left-out.csv").read_text()
    assert "MIRAX" in table


def test_images_and_slides_of_one_folder_are_counted_apart(tmp_path: Path) -> None:
    source = source_with(tmp_path)
    svs(source / "a.svs")
    made = run(source, tmp_path / "out")
    assert (made.images, made.slides, made.subjects) == (3, 1, 2)
