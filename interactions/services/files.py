"""Files of interactions: checked, pictures made small and freed of what cameras write into them, kept, removed."""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat
from PIL import Image, ImageOps

from audit.services import record
from interactions.errors import BadPhoto, FileEmpty, FileTooLarge, FileTypeRefused, TooManyParts
from interactions.models import Interaction, InteractionFile
from users.models import User

MAX_FILES = 20
MAX_SIDE = 2000  # pixels of a picture that is kept
MAX_PIXELS = 80_000_000  # of a picture that is opened at all
NAME_LENGTH = 160
PICTURES = {"jpg": "JPEG", "jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
# What is kept, by the end of the name; what browsers are told is decided here and never by who sends the file.
TYPES = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "odt": "application/vnd.oasis.opendocument.text",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "txt": "text/plain",
    "csv": "text/csv",
    "md": "text/markdown",
    "eml": "message/rfc822",
    "msg": "application/vnd.ms-outlook",
    "zip": "application/zip",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "wav": "audio/wav",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
}
# How files of these kinds begin.
_BEGINNINGS = {"pdf": b"%PDF"} | dict.fromkeys(("docx", "xlsx", "pptx", "odt", "ods", "zip"), b"PK")
# What Pillow raises for pictures that are broken, lie about themselves or would fill the memory.
_BROKEN = (
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    ArithmeticError,
    LookupError,
    MemoryError,
    OSError,
    SyntaxError,
    TypeError,
    ValueError,
    struct.error,
    zlib.error,
)
_FORBIDDEN = re.compile(r'[\\/:*?"<>|]')


@dataclass(frozen=True)
class CheckedFile:
    """A file that may be kept: its clean name, its bytes as they will lie on the disk, what it is."""

    name: str
    content: bytes
    content_type: str
    is_photo: bool = False


def check_files(files: Iterable[Any], *, photo: Any = None, kept: int = 0) -> list[CheckedFile]:
    """Every upload as it can be kept, the photo of a check-in first; `kept` is how many there are already.

    Raises FileRefused and its kinds, with `field` "photo" or "files"; nothing has been written then.
    """
    uploads = list(files)
    if len(uploads) + kept > MAX_FILES:
        raise TooManyParts(field="files", most=MAX_FILES)
    checked = [] if photo is None else [check_file(photo, "photo", kinds=tuple(PICTURES), is_photo=True)]
    return checked + [check_file(upload, "files") for upload in uploads]


def check_file(
    upload: Any, field: str, *, kinds: Collection[str] = tuple(TYPES), is_photo: bool = False
) -> CheckedFile:
    """The upload as it can be kept, if it is of one of these kinds. Raises FileRefused and its kinds, with `field`."""
    name = clean_name(upload.name or "")
    limit = settings.MAX_FILE_MB * 1024 * 1024
    if upload.size > limit:
        raise FileTooLarge(field=field, name=name, limit=filesizeformat(limit))
    if upload.size == 0:
        raise FileEmpty(field=field, name=name)
    kind = PurePath(name).suffix[1:].lower()
    if kind not in kinds:
        raise FileTypeRefused(field=field, name=name, kinds=", ".join(kinds))
    upload.seek(0)
    content = upload.read()
    if kind in PICTURES:
        content = _picture(content, kind, name, field)
    elif not content.startswith(_BEGINNINGS.get(kind, b"")):
        raise FileTypeRefused(field=field, name=name, kinds=", ".join(kinds))
    return CheckedFile(name, content, TYPES[kind], is_photo)


@transaction.atomic
def attach_file(
    interaction: Interaction, upload: Any, *, actor: User | None, is_photo: bool = False
) -> InteractionFile:
    """Add one file. Raises what `check_files` raises."""
    kept = InteractionFile.objects.filter(interaction=interaction).count()
    field = {"photo": upload} if is_photo else {}
    checked = check_files([] if is_photo else [upload], kept=kept, **field)
    (row,) = keep_files(interaction, checked, actor=actor)
    record("interaction.file_added", interaction, actor=actor, changes={"file": (None, row.name)})
    return row


def keep_files(
    interaction: Interaction, checked: Iterable[CheckedFile], *, actor: User | None
) -> list[InteractionFile]:
    """Write files and rows; where one fails, none of the files stays on the disk. Who calls this records it."""
    rows: list[InteractionFile] = []
    try:
        for item in checked:
            row = InteractionFile(
                interaction=interaction,
                name=item.name,
                size=len(item.content),
                content_type=item.content_type,
                is_photo=item.is_photo,
                uploaded_by=actor,
            )
            rows.append(row)
            row.file.save(item.name, ContentFile(item.content), save=False)
            row.save()
    except BaseException:
        discard_files(rows)
        raise
    return rows


def discard_files(rows: Iterable[InteractionFile]) -> None:
    """Take the files of these rows off the disk."""
    for row in rows:
        if row.file.name:
            row.file.storage.delete(row.file.name)


@transaction.atomic
def remove_file(file: InteractionFile, *, actor: User | None) -> None:
    """Delete the row and, once that is certain, the file."""
    record("interaction.file_removed", file.interaction, actor=actor, changes={"file": (file.name, None)})
    discard_after_commit([file])
    file.delete()


def discard_after_commit(rows: Iterable[InteractionFile]) -> None:
    """Take files off the disk when their rows are gone for good."""
    kept = [InteractionFile(file=row.file.name) for row in rows if row.file]
    transaction.on_commit(lambda: discard_files(kept))


def clean_name(name: str) -> str:
    """A name for people and file systems: no folders, no invisible or reversing characters, at most 160 long."""
    text = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    text = "".join(char for char in text if unicodedata.category(char)[0] != "C")
    text = _FORBIDDEN.sub("_", text).strip(" .")
    stem, dot, suffix = text.rpartition(".")
    if not dot:
        return text[:NAME_LENGTH] or "file"
    return f"{stem[: NAME_LENGTH - len(suffix[:12]) - 1] or 'file'}.{suffix[:12]}"


def _picture(content: bytes, kind: str, name: str, field: str) -> bytes:
    """The picture written anew: upright, at most 2000 pixels a side, nothing in it but what one sees."""
    try:
        with Image.open(io.BytesIO(content), formats=sorted(set(PICTURES.values()))) as image:
            if image.width * image.height > MAX_PIXELS:
                raise BadPhoto(field=field, name=name)
            image.draft("RGB", (MAX_SIDE, MAX_SIDE))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((MAX_SIDE, MAX_SIDE))
            plain = upright.convert("RGB" if kind in ("jpg", "jpeg") or not upright.has_transparency_data else "RGBA")
            clean = Image.new(plain.mode, plain.size)
            clean.paste(plain)
            out = io.BytesIO()
            clean.save(out, PICTURES[kind], quality=85)
    except _BROKEN as error:
        raise BadPhoto(field=field, name=name) from error
    return out.getvalue()
