"""Letters that are drawn into a picture are told from what ultrasound shows, and what is found is set aside."""

import shutil
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from pydicom import dcmread
from pydicom.dataset import Dataset
from scipy import ndimage

from deid_samples import ct, run, save, ultrasound
from hepar.io.deidentification import contact_sheet, read_back
from hepar.io.deidentification.planes import Planes, planes_of
from hepar.io.deidentification.typed_text import opened, typed_text

ROWS, COLUMNS = 120, 200
REGION = (10, 20, 109, 179)
Frames = NDArray[np.uint8]


@pytest.fixture(autouse=True)
def small_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Contact sheets are drawn, small."""
    monkeypatch.setattr(contact_sheet, "DPI", 20)


def speckle(n: int = 1, *, seed: int = 0, gain: float = -12) -> Frames:
    """SIMULATED frames of log-compressed speckle with a dark vessel and a bright line, grey as three colours."""
    rng = np.random.default_rng(seed)
    frames = []
    for _ in range(n):
        field = ndimage.gaussian_filter(rng.standard_normal((2, ROWS, COLUMNS)), (0, 1.2, 2.2))
        level = 20 * np.log10(np.hypot(*(field / field.std())) + 1e-3) + gain
        level[40:60, 90:150] -= 15
        level[80:83] += 15
        frames.append(np.clip((level + 35) * 5, 0, 255).astype(np.uint8))
    return np.repeat(np.stack(frames)[..., None], 3, axis=-1)


def typed(
    frames: Frames,
    words: str = "Marigolda",
    *,
    size: int = 16,
    colour: Any = (255, 255, 255),
    smooth: bool = False,
) -> Frames:
    """The frames with the same text in each."""
    pictures = [Image.fromarray(frame) for frame in frames]
    for picture in pictures:
        on = ImageDraw.Draw(picture)
        on.fontmode = "L" if smooth else "1"
        on.text((40, 30), words, font=ImageFont.load_default(size), fill=colour)
    return np.stack([np.asarray(picture) for picture in pictures])


def jpeg(frames: Frames, quality: int) -> Frames:
    made = []
    for frame in frames:
        stream = BytesIO()
        Image.fromarray(frame).save(stream, "JPEG", quality=quality)
        made.append(np.asarray(Image.open(stream).convert("RGB")))
    return np.stack(made)


def found(frames: Frames, kind: str = "RGB") -> Any:
    return typed_text(planes_of(frame, kind, Dataset()) for frame in frames)


WHITE, YELLOW, GREEN, CYAN, BLUE = (255, 255, 255), (255, 255, 0), (0, 220, 0), (0, 220, 220), (70, 90, 255)


@pytest.mark.parametrize("colour", [WHITE, YELLOW, GREEN, CYAN, BLUE])
@pytest.mark.parametrize(("size", "smooth"), [(14, False), (20, True), (32, False)])
def test_text_is_found_in_any_colour_and_size(colour: Any, size: int, smooth: bool) -> None:
    one = found(typed(speckle(), "Marigolda"[: 160 // size], size=size, colour=colour, smooth=smooth))
    assert one is not None
    assert one.frame == 1


@pytest.mark.parametrize(
    ("size", "colour"), [(14, WHITE), (14, YELLOW), (20, WHITE), (20, CYAN), (32, GREEN), (32, BLUE)]
)
@pytest.mark.parametrize("quality", [90, 75])
def test_text_is_found_after_compression_with_loss(size: int, colour: Any, quality: int) -> None:
    frames = typed(speckle(), "Marigolda"[: 160 // size], size=size, colour=colour, smooth=size == 20)
    assert found(jpeg(frames, quality)) is not None


def test_the_box_of_what_was_found_lies_on_the_text() -> None:
    box = found(typed(speckle(), size=20)).box
    assert 28 <= box.top < box.bottom <= 60
    assert 38 <= box.left < box.right <= 160


def test_grey_text_no_brighter_than_the_speckle_is_found_by_its_one_exact_value() -> None:
    frames = typed(speckle(gain=-2), size=20, colour=(150, 150, 150))
    assert found(frames) is not None


def test_dark_text_on_a_bright_picture_is_found() -> None:
    assert found(typed(np.full((1, ROWS, COLUMNS, 3), 230, np.uint8), size=16, colour=(0, 0, 0))) is not None


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("quality", [0, 75])
def test_speckle_vessels_and_lines_are_no_text(seed: int, quality: int) -> None:
    frames = speckle(seed=seed, gain=-3 * seed)
    assert found(jpeg(frames, quality) if quality else frames) is None


@pytest.mark.parametrize("gain", [3, 18])
def test_saturation_is_no_text(gain: float) -> None:
    assert found(speckle(gain=gain)) is None


def marks(on: ImageDraw.ImageDraw) -> None:
    """Calipers, a dotted line, a scale, a box, a bar of greys and a filled arrow."""
    for x, y in ((60, 40), (130, 70)):
        on.line((x - 5, y, x + 5, y), fill=(255, 255, 0))
        on.line((x, y - 5, x, y + 5), fill=(255, 255, 0))
    for k in range(0, 70, 5):
        on.point((60 + k, 40 + k // 2), fill=(255, 255, 0))
    for k, x in enumerate(range(5, COLUMNS, 9)):
        on.line((x, ROWS - 8 - 4 * (k % 5 == 0), x, ROWS - 1), fill=(255, 255, 255))
    on.rectangle((80, 20, 150, 90), outline=(255, 255, 255))
    on.polygon([(3, 50), (11, 45), (11, 55)], fill=(255, 255, 255))
    for k in range(60):
        on.line((190, 20 + k, 197, 20 + k), fill=(255 - 4 * k,) * 3)


@pytest.mark.parametrize("n", [1, 16])
def test_calipers_scales_boxes_and_bars_are_no_text(n: int) -> None:
    pictures = [Image.fromarray(frame) for frame in speckle(n)]
    for picture in pictures:
        marks(ImageDraw.Draw(picture))
    assert found(np.stack([np.asarray(picture) for picture in pictures])) is None


def test_flow_in_colours_is_no_text() -> None:
    frames = speckle(16)
    rng = np.random.default_rng(1)
    for frame in frames:
        flow = ndimage.gaussian_filter(rng.standard_normal((60, 80)), 4)
        flow /= flow.std()
        light = np.clip(120 + 45 * np.abs(flow), 0, 255)
        colour = np.where(
            (flow > 0)[..., None], np.stack([light, 0 * light, 0 * light], -1), light[..., None] * (0, 0, 1)
        )
        frame[30:90, 50:130][np.abs(flow) > 1] = colour[np.abs(flow) > 1]
    assert found(frames) is None


def test_in_a_clip_the_text_that_stays_is_found_where_no_single_frame_shows_it() -> None:
    bright = speckle(16, gain=-6)
    frames = typed(bright, size=18, colour=(170, 170, 170), smooth=True)
    assert found(jpeg(frames[:1], 75)) is None
    one = found(jpeg(frames, 75))
    assert one is not None
    assert found(jpeg(bright, 75)) is None


def test_text_that_appears_late_is_told_with_its_frame() -> None:
    frames = speckle(32)
    frames[14:] = typed(frames[14:], size=16)
    assert found(frames).frame == 17


def test_a_frozen_clip_is_looked_at_as_its_one_frame_is() -> None:
    assert found(np.repeat(typed(speckle(), size=16), 9, axis=0)) is not None
    assert found(np.repeat(speckle(), 9, axis=0)) is None


def test_no_frame_and_a_frame_smaller_than_a_letter_hold_no_text() -> None:
    assert typed_text(iter(())) is None
    assert found(speckle()[:, :4, :3]) is None


def test_an_opening_takes_away_what_is_narrow_and_keeps_what_is_wide() -> None:
    level = np.zeros((40, 50), np.uint8)
    level[5:8, 5:45] = 200
    level[15:35, 10:40] = 120
    expected = ndimage.grey_opening(level, (13, 13))
    np.testing.assert_array_equal(opened(level), expected)
    assert opened(level).max() == 120


@pytest.mark.parametrize("kind", ["MONOCHROME1", "MONOCHROME2", "YBR_FULL"])
def test_text_is_found_however_colours_are_stored(kind: str) -> None:
    frame = typed(speckle(), size=20)[0]
    stored: Any = frame[..., 0] if kind == "MONOCHROME2" else 255 - frame[..., 0]
    if kind == "YBR_FULL":
        stored = np.stack(
            [frame[..., 0], np.full((ROWS, COLUMNS), 128, np.uint8), np.full((ROWS, COLUMNS), 128, np.uint8)],
            -1,
        )
    planes = planes_of(stored, kind, Dataset())
    np.testing.assert_array_equal(planes.grey, frame[..., 0])
    assert not planes.colour.any()
    assert typed_text([planes]) is not None


def test_colours_of_chroma_are_those_of_the_standard() -> None:
    frame = np.array([[[76, 85, 255], [150, 44, 21], [29, 255, 107]]], np.uint8)  # red, green and blue
    planes = planes_of(frame, "YBR_FULL", Dataset())
    assert (np.abs(planes.grey.astype(int) - 255) <= 2).all()
    assert (planes.colour >= 250).all()


def test_grey_of_more_bits_is_spread_over_8() -> None:
    frame = np.array([[100, 1100, 4100]], np.uint16)
    np.testing.assert_array_equal(planes_of(frame, "MONOCHROME2", Dataset()).grey, [[0, 63, 255]])


def test_the_least_of_two_frames_is_taken_of_every_plane() -> None:
    one, other = (Planes(*(np.array([[level]], np.uint8) for level in (k, 9 - k, 2 * k))) for k in (2, 5))
    least = one.darkest(other)
    assert (least.grey.item(), least.colour.item(), least.middle.item()) == (2, 4, 4)


def screen(frames: Frames, *, text: bool, name: str) -> Any:
    """SIMULATED ultrasound whose screen names the patient outside the region, and inside where `text` is typed."""
    shown = typed(frames, size=16) if text else frames
    made: Any = ultrasound(shown, "RGB", region=REGION)
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{len(name)}.{int(text)}"
    return made


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A slice, a clean still and clip, and a clip with a name typed into it."""
    save(ct(), tmp_path / "in" / "ct.dcm")
    save(screen(speckle(), text=False, name="a"), tmp_path / "in" / "still.dcm")
    save(screen(speckle(9), text=False, name="bb"), tmp_path / "in" / "clip.dcm")
    save(screen(speckle(9), text=True, name="ccc"), tmp_path / "in" / "typed.dcm")
    return tmp_path / "in"


def claims(path: Path) -> tuple[Any, bool]:
    dataset = dcmread(path)
    codes = [item.CodeValue for item in dataset.DeidentificationMethodCodeSequence]
    return dataset.get("BurnedInAnnotation"), "113101" in codes


def masked(out: Path) -> list[Path]:
    return [path for path in sorted(out.rglob("*.dcm")) if dcmread(path).Modality == "US"]


def test_a_file_with_typed_text_is_set_aside_with_its_place_and_what_to_do(
    source: Path, tmp_path: Path
) -> None:
    made = run(source, tmp_path / "out")
    assert (made.images, made.masked, made.set_aside) == (3, 2, {"typed-text": 1})
    told = (tmp_path / "out.left-out.csv").read_text()
    assert "typed.dcm,image,typed-text" in told
    assert "frame 1, rows" in told
    assert "--allow typed-text" in told


def test_of_a_subject_whose_only_file_is_set_aside_no_folder_stays(source: Path, tmp_path: Path) -> None:
    alone = screen(speckle(9, seed=1), text=True, name="d")
    alone.PatientID = "ANOTHER-9"
    save(alone, source / "alone.dcm")
    assert run(source, tmp_path / "out").set_aside == {"typed-text": 2}
    assert all(any(folder.iterdir()) for folder in (tmp_path / "out").rglob("*") if folder.is_dir())


def test_typed_text_that_is_allowed_is_passed_on_and_never_called_clean(source: Path, tmp_path: Path) -> None:
    made = run(source, tmp_path / "out", allowed=frozenset({"typed-text"}), approved=True)
    assert (made.images, made.masked, made.typed, made.approved) == (4, 3, 1, 2)
    said = [claims(path) for path in masked(tmp_path / "out")]
    assert sorted(said, key=str) == [("NO", True), ("NO", True), (None, False)]
    assert "text found" in (tmp_path / "out" / "sign-off.csv").read_text().splitlines()[0]


def test_frames_too_large_to_be_searched_are_set_aside(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read_back, "MOST_PIXELS", ROWS * COLUMNS - 1)
    made = run(source, tmp_path / "out")
    assert (made.images, made.set_aside) == (1, {"damaged": 3})
    assert "not searched for text" in (tmp_path / "out.left-out.csv").read_text()


def test_approval_changes_no_pixel_and_no_name(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "first")
    run(source, tmp_path / "second", approved=True)
    first, second = masked(tmp_path / "first"), masked(tmp_path / "second")
    assert [p.relative_to(tmp_path / "first") for p in first] == [
        p.relative_to(tmp_path / "second") for p in second
    ]
    for before, after in zip(first, second, strict=True):
        assert (claims(before), claims(after)) == ((None, False), ("NO", True))
        assert dcmread(before).PixelData == dcmread(after).PixelData
        assert dcmread(before).SOPInstanceUID == dcmread(after).SOPInstanceUID


def test_the_report_says_on_whose_word_pixels_are_called_clean(source: Path, tmp_path: Path) -> None:
    run(source, tmp_path / "first")
    assert "nobody has said" in (tmp_path / "first" / "deid-report.json").read_text()
    run(source, tmp_path / "second", approved=True)
    assert "a person said" in (tmp_path / "second" / "deid-report.json").read_text()


def test_a_palette_that_is_missing_does_not_stop_the_search() -> None:
    numbers = typed(speckle(), size=20)[0][..., 0]
    assert typed_text([planes_of(numbers, "PALETTE COLOR", Dataset())]) is not None


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy (dicom3tools) is not installed")
@pytest.mark.parametrize("approved", [False, True])
def test_the_validator_has_no_more_to_say_of_a_masked_image_than_of_its_source(
    approved: bool, source: Path, tmp_path: Path
) -> None:
    before = {one for path in source.glob("*i*.dcm") for one in complaints(path)}
    run(source, tmp_path / "out", approved=approved)
    after = {one for path in masked(tmp_path / "out") for one in complaints(path)}
    assert len(masked(tmp_path / "out")) == 2
    assert before
    assert not {one for one in after if one.startswith("Error")} - before


def complaints(path: Path) -> set[str]:
    """Errors and warnings of dciodvfy."""
    told = subprocess.run(["dciodvfy", str(path)], capture_output=True, text=True, check=False)
    lines = (told.stdout + told.stderr).splitlines()
    return {line for line in lines if line.startswith(("Error", "Warning"))}
