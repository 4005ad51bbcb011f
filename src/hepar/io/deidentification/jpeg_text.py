"""Text that a JPEG stream carries beside its picture: comments, Exif, Photoshop."""

from collections.abc import Iterator

HEAD_BYTES = 4096
"""Bytes of a stream that are looked at: what stands before its picture."""
_TEXT_SEGMENTS = (0xE1, 0xED, 0xFE)
"""Exif and XMP, Photoshop, comments (ITU-T T.81, 1992, B.1.1.3; APP1 and APP13 by custom)."""
_START, _PICTURE = b"\xff\xd8", 0xDA


def holds_text(head: bytes) -> bool:
    """Whether the stream that begins with `head` is JPEG or JPEG-LS and carries text."""
    return head[:2] == _START and any(code in _TEXT_SEGMENTS for code in _segments(head))


def _segments(head: bytes) -> Iterator[int]:
    """Codes of the segments up to the picture."""
    at = 2
    while at + 4 <= len(head) and head[at] == 0xFF and head[at + 1] != _PICTURE:
        yield head[at + 1]
        at += 2 + int.from_bytes(head[at + 2 : at + 4], "big")
