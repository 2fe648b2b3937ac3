"""A kept file as an answer."""

from __future__ import annotations

from django.http import FileResponse, Http404

from core.http import attachment
from interactions.models import InteractionFile


def file_answer(row: InteractionFile) -> FileResponse:
    """An answer with the file as an attachment, never to be run in a page. Raises Http404 where the disk lost it."""
    try:
        content = row.file.open("rb")
    except OSError as error:
        raise Http404 from error
    response = attachment(content, row.name, row.content_type)
    response["Cache-Control"] = "private, max-age=3600"
    return response
