"""Text and other bytes that a compressed stream carries beside its picture: comments, Exif, what follows its end."""

import re
from collections.abc import Iterator

HEAD_BYTES = 1 << 16
"""Bytes of a stream that are looked at for what stands before its picture."""
_START, _START_2000 = b"\xff\xd8", b"\xff\x4f"
_END = b"\xff\xd9"
_PICTURE, _TILE, _COMMENT_2000 = 0xDA, 0x90, 0x64
_NUMBERS = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, 0xDE, 0xDF, 0xF7, 0xF8})
"""Segments of JPEG and JPEG-LS that hold numbers alone (ITU-T T.81, 1992, B.1.1.3; T.87, 1998, C.1.1)."""
_LONGEST = {0xE0: 16, 0xE8: 32, 0xEE: 14}
"""Bytes of JFIF without a thumbnail, SPIFF and Adobe, which hold numbers alone."""
_WITHIN = re.compile(rb"\xff[\xe0-\xef\xfe]")
"""Markers that cannot be part of a picture, where 255 is followed by 0, or by less than 128 in JPEG-LS."""
_ENCODERS = re.compile(
    rb"(Created by OpenJPEG version|Kakadu-?v?|Kdu-Layer-Info: log_2\{Delta-D\(squared-error\)/Delta-L\(bytes\)\},"
    rb" L\(bytes\)|Creator: JasPer Version)[\s\d.,e+-]*\0?"
)
"""Comments by which encoders of JPEG 2000 tell of themselves."""


def is_frame(fragment: bytes) -> bool:
    """Whether a stream of JPEG, JPEG-LS or JPEG 2000 begins with `fragment`."""
    return fragment[:2] in (_START, _START_2000)


def holds_text(head: bytes) -> bool:
    """Whether the stream that begins with `head` carries more than numbers before its picture."""
    if head[:2] == _START_2000:
        return any(
            code == _COMMENT_2000 and not _ENCODERS.fullmatch(body[2:]) for code, body in _segments(head)
        )
    return head[:2] == _START and any(not _is_plain(code, body) for code, body in _segments(head))


def hides_text(stream: bytes) -> bool:
    """Whether the whole `stream` carries text before, within or after its picture."""
    if not is_frame(stream):
        return False
    end = stream.rfind(_END)
    if holds_text(stream) or (end >= 0 and stream[end + 2 :].strip(b"\0\xff")):
        return True
    picture = stream.find(bytes((0xFF, _PICTURE)))
    return stream[:2] == _START and picture >= 0 and _WITHIN.search(stream, picture) is not None


def _is_plain(code: int, body: bytes) -> bool:
    return code in _NUMBERS or 2 + len(body) <= _LONGEST.get(code, 0)


def _segments(head: bytes) -> Iterator[tuple[int, bytes]]:
    """Code and content of each segment up to the picture, or to the end of `head`."""
    at = 2
    while at + 4 <= len(head) and head[at] == 0xFF and head[at + 1] not in (_PICTURE, _TILE):
        length = int.from_bytes(head[at + 2 : at + 4], "big")
        yield head[at + 1], head[at + 4 : at + 2 + length]
        at += 2 + length
