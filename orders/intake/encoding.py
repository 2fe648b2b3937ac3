"""Which encoding a text file is in, decided on the whole of it: a guess on the first page would break on page two."""

from __future__ import annotations

import codecs
from typing import BinaryIO

from django.utils.translation import gettext as _

from orders.errors import NotATable, WrongEncoding

_CHUNK = 1 << 20
_SAMPLE = 1 << 16
_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# GB18030 can read almost any bytes as *some* Chinese; text that people wrote is mostly common characters.
_COMMON_SHARE = 0.7
_ENOUGH = 5000


def detect_encoding(stream: BinaryIO, wanted: str = "auto") -> str:
    """The codec that reads the stream to its end: BOM, UTF-16 by its zero bytes, UTF-8, GB18030.

    `wanted` other than `auto` is only verified. Leaves the stream at its end. Raises WrongEncoding, or NotATable for
    binary data.
    """
    head = stream.read(_SAMPLE)
    marked = next((codec for mark, codec in _MARKS if head.startswith(mark)), None)
    if wanted != "auto":
        candidates = [marked if marked and wanted.startswith(("utf-8", "utf-16")) else wanted]
    elif marked:
        candidates = [marked]
    elif b"\x00" in head:
        candidates = [_zero_bytes(head)]
    else:
        candidates = ["utf-8", "gb18030"]
    reach = 0
    for codec in candidates:
        stream.seek(0)
        failed_at = _readable_up_to(stream, codec)
        if failed_at < 0:
            return codec
        reach = max(reach, failed_at)
    raise WrongEncoding(position=reach)


def _zero_bytes(head: bytes) -> str:
    """UTF-16 without a mark has its zero bytes on one side only."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if max(even, odd) < len(head) / 20 or min(even, odd) * 20 > max(even, odd):
        raise NotATable(detail=_("It is a binary file."))
    return "utf-16-le" if odd > even else "utf-16-be"


def _readable_up_to(stream: BinaryIO, codec: str) -> int:
    """-1 if the codec reads the whole stream, else about which byte it fails at."""
    decoder = codecs.getincrementaldecoder(codec)()
    position, common, rare = 0, 0, 0
    while True:
        chunk = stream.read(_CHUNK)
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            return position + error.start
        if codec == "gb18030" and common + rare < _ENOUGH and not text.isascii():
            more_common, more_rare = _frequency(text)
            common, rare = common + more_common, rare + more_rare
        if not chunk:
            return 0 if rare > (common + rare) * (1 - _COMMON_SHARE) else -1
        position += len(chunk)


def _frequency(text: str) -> tuple[int, int]:
    """How many of the first non-ASCII characters are in the basic set of GB 2312, and how many are not."""
    letters = [letter for letter in text if not letter.isascii()][:_ENOUGH]
    common = sum(1 for letter in letters if letter.encode("gb2312", "ignore"))
    return common, len(letters) - common
