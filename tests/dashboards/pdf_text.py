"""Reads our own PDFs back: pages, embedded fonts, and the text by each font's table from characters to Unicode."""

import re
import zlib

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
SHOWN = re.compile(rb"/F(\d+) [\d.]+ Tf|\((.*?)(?<!\\)\) Tj", re.DOTALL)
ESCAPES = {b"\\\\": b"\\", b"\\(": b"(", b"\\)": b")", b"\\r": b"\r", b"\\n": b"\n"}


def page_count(data: bytes) -> int:
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", data))


def embedded_fonts(data: bytes) -> int:
    """How many font files are inside; every font that is named must have its own."""
    files = len(re.findall(rb"/FontFile[23]?\b", data))
    assert files == len(re.findall(rb"/FontDescriptor\s+\d+ 0 R", data))
    return files


def text_of(data: bytes) -> str:
    """The words of all pages, each run of text on a line of its own."""
    streams = [_inflated(match[1]) for match in STREAM.finditer(data)]
    tables = [_table(text) for text in streams if b"beginbfchar" in text or b"beginbfrange" in text]
    lines = []
    for page in (text for text in streams if b" Tj" in text):
        table = tables[0]
        for font, shown in SHOWN.findall(page):
            if font:
                table = tables[int(font) - 1]
            else:
                lines.append(_decoded(shown, table))
    return "\n".join(lines)


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _table(cmap: bytes) -> dict[int, str]:
    pairs = re.findall(rb"<([0-9A-F]{4})> <([0-9A-F]{4,8})>", cmap)
    return {int(code, 16): bytes.fromhex(target.decode()).decode("utf-16-be") for code, target in pairs}


def _decoded(shown: bytes, table: dict[int, str]) -> str:
    raw = re.sub(rb"\\[\\()rn]", lambda match: ESCAPES[match[0]], shown)
    return "".join(table.get(int.from_bytes(raw[i : i + 2]), "?") for i in range(0, len(raw), 2))
