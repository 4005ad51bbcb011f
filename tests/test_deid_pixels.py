"""Pixels outside regions, bits that no pixel uses, bytes after the last frame: none of them is passed on."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, JPEGBaseline8Bit, RLELossless

from deid_samples import ct, noise, region_of, save, ultrasound
from hepar.core.errors import DataError, ProtocolError
from hepar.io.deidentification.jpeg_text import hides_text
from hepar.io.deidentification.pixels import clean_pixels as cleaned
from hepar.io.deidentification.pixels import frames_of
from hepar.io.deidentification.regions import NO_MASKS, Box, NoRegionError, boxes_of, covered, read_masks

BOX = Box(2, 3, 6, 9)
INSIDE = np.zeros((8, 12), bool)
INSIDE[2:6, 3:9] = True


def clean_pixels(dataset: Any, boxes: Sequence[Box] = ()) -> bool:
    return cleaned(dataset, boxes, scratch=BytesIO())


def saved(dataset: Any, path: Path) -> Any:
    return dcmread(save(dataset, path / "x.dcm"))


def frames(dataset: Any) -> NDArray[Any]:
    return np.stack([frame for frame, _ in frames_of(dataset)])


@pytest.mark.parametrize(
    ("kind", "shape", "black"),
    [
        ("MONOCHROME2", (8, 12), 0),
        ("MONOCHROME1", (8, 12), 0),
        ("PALETTE COLOR", (8, 12), 0),
        ("RGB", (8, 12, 3), (0, 0, 0)),
        ("YBR_FULL", (8, 12, 3), (0, 128, 128)),
    ],
)
@pytest.mark.parametrize("n", [1, 3])
def test_every_frame_keeps_its_region_and_nothing_else(
    kind: str, shape: tuple[int, ...], black: Any, n: int, tmp_path: Path
) -> None:
    pixels = noise(n, *shape)
    dataset = ultrasound(pixels, kind)
    assert clean_pixels(dataset, boxes_of(dataset, NO_MASKS))
    found = frames(saved(dataset, tmp_path))
    assert found.shape == pixels.shape
    np.testing.assert_array_equal(found[:, INSIDE], pixels[:, INSIDE])
    assert (found[:, ~INSIDE] == black).all()


def test_colours_that_are_stored_plane_after_plane_are_masked(tmp_path: Path) -> None:
    pixels = noise(2, 8, 12, 3)
    dataset = ultrasound(pixels)
    dataset.PlanarConfiguration = 1
    dataset.PixelData = pixels.transpose(0, 3, 1, 2).tobytes()
    clean_pixels(dataset, [BOX])
    found = saved(dataset, tmp_path)
    assert found.PlanarConfiguration == 0
    np.testing.assert_array_equal(frames(found)[:, INSIDE], pixels[:, INSIDE])
    assert not frames(found)[:, ~INSIDE].any()


def test_colours_that_share_chroma_are_masked_at_full_resolution(tmp_path: Path) -> None:
    dataset = ultrasound(noise(1, 8, 12, 3), "YBR_FULL_422")
    packed = noise(8, 6, 4)  # two of luminance, then one of each chroma
    dataset.PixelData = packed.tobytes()
    clean_pixels(dataset, [BOX])
    found = saved(dataset, tmp_path)
    assert found.PhotometricInterpretation == "YBR_FULL"
    (frame,) = frames(found)
    np.testing.assert_array_equal(frame[..., 0][INSIDE], packed[..., :2].reshape(8, 12)[INSIDE])
    assert (frame[~INSIDE] == (0, 128, 128)).all()


def test_several_regions_are_kept() -> None:
    pixels = noise(1, 8, 12)
    dataset = ultrasound(pixels, "MONOCHROME2", region=(0, 0, 1, 1))
    dataset.SequenceOfUltrasoundRegions.append(region_of(4, 4, 7, 5))
    clean_pixels(dataset, boxes_of(dataset, NO_MASKS))
    kept = frames(dataset)[0] != 0
    assert kept.sum() == 4 + 8
    assert kept[:2, :2].all()
    assert kept[4:8, 4:6].all()


def test_pixels_compressed_without_loss_are_decoded_masked_and_stored_plain(tmp_path: Path) -> None:
    pixels = noise(3, 8, 12, 3)
    dataset = ultrasound(pixels)
    dataset.compress(RLELossless, generate_instance_uid=False)
    clean_pixels(dataset, [BOX])
    found = saved(dataset, tmp_path)
    assert found.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert "LossyImageCompression" not in found
    np.testing.assert_array_equal(frames(found)[:, INSIDE], pixels[:, INSIDE])
    assert not frames(found)[:, ~INSIDE].any()


def test_loss_of_compression_stays_known_after_decoding(tmp_path: Path) -> None:
    stream = BytesIO()
    Image.fromarray(noise(8, 12)).save(stream, "JPEG", quality=70)
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2")
    dataset.PixelData = encapsulate([stream.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    clean_pixels(dataset, [BOX])
    found = saved(dataset, tmp_path)
    assert (found.LossyImageCompression, found.LossyImageCompressionMethod) == ("01", "ISO_10918_1")
    assert found.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    assert not frames(found)[0][~INSIDE].any()


def test_colours_compressed_with_shared_chroma_can_be_read_after_decoding(tmp_path: Path) -> None:
    streams = []
    for seed in range(2):
        stream = BytesIO()
        Image.fromarray(noise(16, 16, 3, seed=seed)).save(stream, "JPEG", quality=95, subsampling=1)
        streams.append(stream.getvalue())
    dataset = ultrasound(noise(2, 16, 16, 3), "YBR_FULL_422")
    dataset.PixelData = encapsulate(streams)
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    before = frames(dataset)
    clean_pixels(dataset, [BOX])
    found = saved(dataset, tmp_path)
    assert found.PhotometricInterpretation == "YBR_FULL"
    np.testing.assert_array_equal(frames(found)[:, 2:6, 3:9], before[:, 2:6, 3:9])


def test_tables_of_big_endian_files_are_not_converted() -> None:
    dataset = ct()
    dataset.add_new("RedPaletteColorLookupTableData", "OW", bytes(8))
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    with pytest.raises(DataError, match="tables of words"):
        clean_pixels(dataset)


@pytest.mark.parametrize("comment", [None, b"of Zyxwonder"])
def test_a_compressed_image_is_decoded_only_where_its_frames_carry_text(comment: bytes | None) -> None:
    stream = BytesIO()
    Image.fromarray(noise(8, 12)).save(stream, "JPEG", quality=95, comment=comment)
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2")
    dataset.PixelData = encapsulate([stream.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    before = frames(dataset)
    assert clean_pixels(dataset) == (comment is not None)
    assert dataset.file_meta.TransferSyntaxUID == (
        JPEGBaseline8Bit if comment is None else ExplicitVRLittleEndian
    )
    np.testing.assert_array_equal(frames(dataset), before)


def test_an_overlay_in_the_high_bits_is_cleared_and_the_image_stays() -> None:
    pixels = np.random.default_rng(0).integers(0, 4096, (6, 8)).astype(np.uint16)
    dataset = ct()
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 12, 11, 0
    dataset.PixelData = (pixels | 0x8000).tobytes()
    assert clean_pixels(dataset)
    assert dataset.PixelData == pixels.tobytes()


def test_the_sign_of_numbers_is_no_overlay() -> None:
    pixels = np.random.default_rng(0).integers(-2048, 2048, (6, 8)).astype(np.int16)
    dataset = ct()
    dataset.BitsStored, dataset.HighBit = 12, 11
    dataset.PixelData = pixels.tobytes()
    assert not clean_pixels(dataset)
    dataset.PixelData = ((pixels & 0x0FFF) | 0x4000).tobytes()
    assert clean_pixels(dataset)
    assert dataset.PixelData == pixels.tobytes()


def test_an_overlay_below_the_bits_of_a_pixel_is_cleared() -> None:
    dataset = ct()
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 12, 15, 0
    pixels = np.random.default_rng(0).integers(0, 1 << 16, (6, 8)).astype(np.uint16)
    dataset.PixelData = pixels.tobytes()
    clean_pixels(dataset)
    np.testing.assert_array_equal(np.frombuffer(dataset.PixelData, np.uint16).reshape(6, 8), pixels & 0xFFF0)


def test_a_compressed_image_with_a_declared_overlay_in_its_bits_is_decoded_and_cleared() -> None:
    pixels = np.random.default_rng(0).integers(0, 4096, (6, 8)).astype(np.uint16)
    dataset = ct()
    dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 12, 11, 0
    dataset.PixelData = (pixels | 0x8000).tobytes()
    dataset.compress(RLELossless, generate_instance_uid=False)
    dataset.add_new((0x6000, 0x0102), "US", 15)
    assert clean_pixels(dataset)
    np.testing.assert_array_equal(frames(dataset)[0], pixels)


def test_small_copies_of_the_picture_in_sequences_are_dropped() -> None:
    dataset, icon, item = ct(), Dataset(), Dataset()
    icon.add_new("PixelData", "OB", b"ICON")
    item.add_new("PixelData", "OB", b"ICON")
    item.IconImageSequence = [icon]
    dataset.IconImageSequence, dataset.ReferencedImageSequence = [icon], [item]
    before = dataset.PixelData
    clean_pixels(dataset)
    assert "IconImageSequence" not in dataset
    assert len(dataset.ReferencedImageSequence[0]) == 0
    assert dataset.PixelData == before


def test_what_follows_the_last_frame_is_cut() -> None:
    dataset = ct()
    before = dataset.PixelData
    dataset.PixelData = before + b"Zyxwonder^Marigolda "
    assert clean_pixels(dataset)
    assert dataset.PixelData == before


def test_big_endian_numbers_become_little_endian(tmp_path: Path) -> None:
    dataset = ct()
    expected = np.frombuffer(dataset.PixelData, "<i2").reshape(6, 8)
    dataset.PixelData = expected.astype(">i2").tobytes()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    clean_pixels(dataset)
    np.testing.assert_array_equal(frames(saved(dataset, tmp_path))[0], expected)


def test_an_image_that_needs_nothing_stays_byte_for_byte() -> None:
    dataset = ct()
    before = dataset.PixelData
    assert not clean_pixels(dataset)
    assert dataset.PixelData is before


@pytest.mark.parametrize(
    ("values", "word"),
    [({"PixelData": bytes(10)}, "cut off"), ({"Rows": 0}, "0 x 8")],
)
def test_pixels_fewer_than_declared_are_refused(values: dict[str, Any], word: str) -> None:
    dataset = ct()
    dataset.update(values)
    with pytest.raises(DataError, match=word):
        clean_pixels(dataset)


def test_pixels_that_lie_on_a_server_are_refused() -> None:
    dataset = ct()
    del dataset.PixelData
    dataset.PixelDataProviderURL = "http://pixels.invalid"
    with pytest.raises(DataError, match="no pixel data"):
        clean_pixels(dataset)


def test_frames_fewer_than_declared_are_refused() -> None:
    dataset = ultrasound(noise(2, 8, 12), "MONOCHROME2")
    dataset.NumberOfFrames = 3
    with pytest.raises(DataError, match="decoded"):
        clean_pixels(dataset, [BOX])


def test_a_video_that_cannot_be_decoded_is_refused() -> None:
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2")
    dataset.PixelData = encapsulate([bytes(64)])
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.102"
    with pytest.raises(DataError, match="MPEG-4"):
        clean_pixels(dataset, [BOX])


@pytest.mark.parametrize(
    ("region", "word"),
    [
        (None, "no region"),
        ((2, 3, 9, 8), "outside"),
        ((0, 0, 7, 11), "as large"),
        ((5, 5, 5, 5), "no region"),
    ],
)
def test_a_region_that_tells_nothing_sets_the_image_aside(region: Any, word: str) -> None:
    with pytest.raises(NoRegionError, match=word):
        boxes_of(ultrasound(noise(1, 8, 12), "MONOCHROME2", region=region), NO_MASKS)


def test_a_region_counted_from_one_is_cut_to_the_frame() -> None:
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2", region=(2, 3, 8, 12))
    assert boxes_of(dataset, NO_MASKS) == (Box(2, 3, 8, 12),)


def test_a_region_without_a_place_sets_the_image_aside() -> None:
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2")
    dataset.SequenceOfUltrasoundRegions = [Dataset()]
    with pytest.raises(NoRegionError, match="lacks its place"):
        boxes_of(dataset, NO_MASKS)


MASK = "masks:\n- {manufacturer: echo  WORKS, model: E9, rows: 8, columns: 12, boxes: [{top: 1, left: 2, bottom: 7, right: 9}]}\n"


def test_the_mask_of_a_device_stands_in_for_regions(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(MASK)
    masks = read_masks(tmp_path / "m.yaml")
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2", region=None)
    assert boxes_of(dataset, masks) == (Box(1, 2, 7, 9),)
    dataset.Columns = 11
    with pytest.raises(NoRegionError):
        boxes_of(dataset, masks)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ("bottom: 7", "bottom: 9", DataError),
        ("top: 1", "top: 7", DataError),
        ("left: 2", "left: -1", ProtocolError),
        ("model: E9", "modell: E9", ProtocolError),
    ],
)
def test_a_mask_that_makes_no_sense_is_refused(old: str, new: str, error: type, tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(MASK.replace(old, new))
    with pytest.raises(error, match=r"m\.yaml"):
        read_masks(tmp_path / "m.yaml")


def jpeg_of(pixels: NDArray[Any]) -> bytes:
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=90)
    return stream.getvalue()


def segment(code: int, body: bytes) -> bytes:
    return bytes((0xFF, code)) + (len(body) + 2).to_bytes(2, "big") + body


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (segment(0xE7, b"Zyx 61"), b""),
        (segment(0xEE, b"Zyxwonder Marigolda"), b""),
        (b"".join(segment(0xDB, b"\0" + bytes([1] * 64)) for _ in range(80)) + segment(0xFE, b"Zyx"), b""),
        (b"", b"Zyx 61"),
    ],
)
def test_text_anywhere_in_a_compressed_frame_is_lost_in_decoding(before: bytes, after: bytes) -> None:
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2")
    dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    stream = jpeg_of(noise(1, 8, 12)[0])
    dataset.PixelData = encapsulate([stream[:2] + before + stream[2:] + after])
    assert clean_pixels(dataset)
    assert dataset.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian


def test_text_in_place_of_offsets_or_after_the_last_frame_is_lost_in_decoding() -> None:
    for fragment, table in ((b"Zyx 61", b""), (b"", b"Zyx 6161")):
        dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2")
        dataset.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
        data = encapsulate([jpeg_of(noise(1, 8, 12)[0])], has_bot=False)
        more = b"\xfe\xff\x00\xe0" + len(fragment).to_bytes(4, "little") + fragment if fragment else b""
        dataset.PixelData = data[:4] + len(table).to_bytes(4, "little") + table + data[8:] + more
        assert clean_pixels(dataset)


@pytest.mark.parametrize(
    ("comment", "hidden"),
    [(b"Zyx 61", True), (b"Created by OpenJPEG version 2.5.2", False), (b"Kakadu-v8.0.5", False)],
)
def test_a_comment_in_jpeg_2000_is_text_unless_an_encoder_tells_of_itself(
    comment: bytes, hidden: bool
) -> None:
    head = b"\xff\x4f" + segment(0x51, bytes(39)) + segment(0x64, b"\0\1" + comment)
    assert hides_text(head + b"\xff\x90\0\x0a\xff\x93picture\xff\xd9") is hidden
    assert hides_text(head + b"\xff\x90\0\x0a\xff\x93picture\xff\xd9Zyx")


def test_a_film_is_refused_since_its_stream_is_not_read() -> None:
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2")
    dataset.PixelData = encapsulate([bytes(64)])
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.102"
    with pytest.raises(DataError, match="MPEG-4"):
        clean_pixels(dataset)


def test_regions_that_leave_nothing_out_together_set_the_image_aside() -> None:
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2")
    dataset.SequenceOfUltrasoundRegions = [region_of(0, 0, 7, 5), region_of(0, 6, 7, 11)]
    with pytest.raises(NoRegionError, match="as large"):
        boxes_of(dataset, NO_MASKS)


def test_a_region_of_graphics_is_not_kept() -> None:
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2")
    drawn = region_of(0, 0, 1, 11)
    drawn.RegionSpatialFormat = 5
    dataset.SequenceOfUltrasoundRegions = [region_of(2, 3, 5, 8), drawn]
    assert boxes_of(dataset, NO_MASKS) == (Box(2, 3, 6, 9),)


def test_a_frame_that_only_its_header_makes_large_is_not_decoded() -> None:
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2")
    dataset.Rows = dataset.Columns = 65535
    boxes = boxes_of(dataset, NO_MASKS)
    with pytest.raises(DataError, match="not decoded"):
        clean_pixels(dataset, boxes)


def test_more_regions_than_any_device_has_set_the_image_aside() -> None:
    dataset = ultrasound(noise(1, 8, 12), "MONOCHROME2")
    dataset.SequenceOfUltrasoundRegions = [region_of(2, 3, 5, 8)] * 101
    with pytest.raises(NoRegionError, match="more than 100"):
        boxes_of(dataset, NO_MASKS)


def test_the_part_that_boxes_cover_together_is_counted_once() -> None:
    boxes = [Box(0, 0, 4, 4), Box(2, 2, 6, 6), Box(0, 8, 2, 10)]
    shown = np.zeros((8, 10), bool)
    for box in boxes:
        shown[box.top : box.bottom, box.left : box.right] = True
    assert covered(boxes, rows=8, columns=10) == pytest.approx(shown.mean())
