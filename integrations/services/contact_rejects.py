"""The rows of a file of contacts that were not imported: the original columns, the reasons, and no formula."""

from __future__ import annotations

import tempfile
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.sheets import CsvTable
from integrations.models import ContactImportJob, ContactImportProblem
from integrations.people.problems import result_name
from integrations.services import jobs
from orders.intake.profile import Rules
from orders.intake.readers import open_table
from orders.intake.values import text_of


def keep_rejects(job: ContactImportJob, rules: Rules) -> None:
    """Put the file of rows with problems beside the job (not saved); takes away an older one."""
    if not job.problems.exists():
        jobs.keep_rejects(job, None, "")
        return
    folder = Path(settings.MEDIA_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="import-", dir=folder) as scratch:
        path = Path(scratch) / "rejects.csv"
        _write(path, job, rules)
        jobs.keep_rejects(job, path, ".csv")


def _write(path: Path, job: ContactImportJob, rules: Rules) -> None:
    """The source is read once more beside the problems, row by row: neither has to fit into memory."""
    problems = ContactImportProblem.objects.filter(job=job).order_by("row", "pk").iterator(2000)
    groups = ((row, list(found)) for row, found in groupby(problems, lambda problem: problem.row))
    with path.open("w", encoding="utf-8", newline="") as target, open_table(Path(job.file.path), rules) as table:
        head = [pgettext("of a file", "Row"), _("Result"), _("Reason code"), _("Reason")]
        written = CsvTable(target, [*head, *map(text_of, table.header)])
        row, found = next(groups, (0, []))
        for number, cells in table.rows():
            if not found:
                break
            if number == row:
                worst = next((one for one in found if one.is_bad), found[0])
                reasons = " ".join(one.message for one in found)
                codes = " ".join(dict.fromkeys(one.code for one in found))
                written.row([number, result_name(worst.code), codes, reasons, *map(text_of, cells)])
                row, found = next(groups, (0, []))
