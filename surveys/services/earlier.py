"""Import of earlier results: a file is looked at, then written in batches; the same file again changes nothing.

The answers of a file go to a campaign that is over, made for them. Each row has a number of its own or one made of what
it says (`external_id`), unique in the campaign: an import that is killed goes on where it was, and twice is once.
Nobody is told of old answers and no follow-up opens.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q

from audit.services import record
from core.sheets import csv_bytes
from orders.intake.profile import Rules
from orders.intake.readers import open_table
from orders.intake.values import text_of
from search.services import index_rows
from surveys import answering
from surveys import definition as definitions
from surveys.choices import CampaignStatus, Channel, ImportState, ResponseSource, ResponseStatus, Timing
from surveys.earlier.columns import recognise
from surveys.earlier.facts import Facts
from surveys.earlier.rows import Reader, Row
from surveys.errors import EarlierBadRows, EarlierColumnsMissing, EarlierNameTaken, EarlierNotOpen
from surveys.models import Answer, Campaign, EarlierImport, QuestionnaireVersion, Response
from surveys.services.satisfaction import refresh_satisfaction
from users.models import User

RULES = Rules()
BATCH = 1000
AT_ONCE = 2000
"""Up to so many rows are written while one waits; beyond, by a worker."""
PROBLEMS_KEPT = 200
LEASE = dt.timedelta(minutes=10)


def upload_earlier(
    version: QuestionnaireVersion, name: str, file: UploadedFile, *, actor: User, today: dt.date
) -> EarlierImport:
    """Keep the file and look at every row; nothing of it is written yet. Raises what the file's reader raises (not a
    table, empty), EarlierColumnsMissing, EarlierNameTaken."""
    job = EarlierImport(version=version, name=name, created_by=actor, file_name=Path(file.name or "file").name[:200])
    job.campaign = _campaign_of(job)
    job.file.save(uuid.uuid4().hex, file, save=False)
    try:
        _look(job, today)
    except BaseException:
        job.file.delete(save=False)
        raise
    with transaction.atomic():
        job.save()
        record("earlier_import.uploaded", job, actor=actor)
    return job


def start_earlier(job: EarlierImport, *, good_only: bool, actor: User) -> None:
    """Put a file that was looked at into the queue. Raises EarlierNotOpen, EarlierBadRows where rows are bad and
    `good_only` was not asked for."""
    with transaction.atomic():
        current = EarlierImport.objects.select_for_update().get(pk=job.pk)
        if current.status not in (ImportState.CHECKED, ImportState.FAILED):
            raise EarlierNotOpen
        if current.bad and not good_only:
            raise EarlierBadRows(bad=current.bad)
        job.status, job.good_only = ImportState.QUEUED, good_only
        job.save(update_fields=["status", "good_only", "updated_at"])
        record("earlier_import.started", job, actor=actor)


def run_earlier(pk: int, *, now: dt.datetime, today: dt.date) -> bool:
    """Write the rows of a file that waits, or whose worker died; False where there is none of it (any more)."""
    waiting = Q(status=ImportState.QUEUED) | Q(status=ImportState.RUNNING, claimed_at__lt=now - LEASE)
    mine = EarlierImport.objects.filter(waiting, pk=pk)
    if not mine.update(status=ImportState.RUNNING, claimed_at=now):
        return False
    job = EarlierImport.objects.select_related("version", "created_by").get(pk=pk)
    try:
        accounts = _write(job, now, today)
    except Exception:  # whatever it is, who waits must hear of it; it is raised again
        EarlierImport.objects.filter(pk=pk).update(status=ImportState.FAILED)
        raise
    with transaction.atomic():
        refresh_satisfaction(accounts, today=today)
        job.status = ImportState.DONE
        job.save(update_fields=["status", "added", "known", "updated_at"])
        record("earlier_import.finished", job, actor=job.created_by, changes={"added": (0, job.added)})
    return True


def waiting_earlier(now: dt.datetime) -> list[int]:
    """The files that wait, and those whose worker died."""
    waiting = Q(status=ImportState.QUEUED) | Q(status=ImportState.RUNNING, claimed_at__lt=now - LEASE)
    return list(EarlierImport.objects.filter(waiting).order_by("pk").values_list("pk", flat=True))


def rows_of(job: EarlierImport, today: dt.date) -> Iterator[list[Row]]:
    """The rows of the file in batches, each with its problems: also those that only the database tells."""
    asked = definitions.read(job.version.definition)
    with open_table(Path(job.file.path), RULES) as table:
        columns = recognise(table.header, asked)
        if columns.missing or not columns.answers or columns.twice:
            raise EarlierColumnsMissing(columns)
        reader = Reader(table.header, columns, asked, today)
        rows = (reader.read(number, cells) for number, cells in table.rows())
        while batch := list(islice(rows, BATCH)):
            Facts(batch).check(reader)
            yield batch


def _look(job: EarlierImport, today: dt.date) -> None:
    """Count the rows, keep the first problems and the bad rows with their reasons."""
    rejects: list[Row] = []
    for batch in rows_of(job, today):
        job.total += len(batch)
        bad = [row for row in batch if row.problems]
        job.bad += len(bad)
        rejects += bad
        job.known += len(_known(job, batch)) if job.campaign else 0
    job.problems = [list(problem) for row in rejects for problem in row.problems][:PROBLEMS_KEPT]
    job.columns = _columns_of(job)
    if rejects:
        job.rejects.save(f"{uuid.uuid4().hex}.csv", ContentFile(_rejects(job, rejects)), save=False)


def _columns_of(job: EarlierImport) -> dict[str, Any]:
    with open_table(Path(job.file.path), RULES) as table:
        columns = recognise(table.header, definitions.read(job.version.definition))
        answers = {table.header[at]: ".".join(filter(None, target)) for at, target in _targets(columns).items()}
        return {"facts": list(columns.facts), "answers": answers, "unknown": columns.unknown}


def _targets(columns: Any) -> dict[int, tuple[str, str]]:
    return {position: (target.question, target.row) for position, target in columns.answers.items()}


def _rejects(job: EarlierImport, rows: list[Row]) -> bytes:
    """The bad rows as they stood, with their reasons, as CSV."""
    with open_table(Path(job.file.path), RULES) as table:
        lines: list[list[Any]] = [["row", "reason", *map(text_of, table.header)]]
    for row in rows:
        reasons = "; ".join(f"{problem.column}: {problem.message}" for problem in row.problems)
        lines.append([row.number, reasons, *map(text_of, row.cells)])
    return csv_bytes(lines)


def _write(job: EarlierImport, now: dt.datetime, today: dt.date) -> set[int]:
    """Write the good rows, a transaction for each batch; returns the accounts that have new answers."""
    job.added, job.known, accounts = 0, 0, set[int]()
    for batch in rows_of(job, today):
        good = [row for row in batch if not row.problems]
        with transaction.atomic():
            if job.campaign is None and good:
                _make_campaign(job, now, today)
            known = _known(job, good)
            fresh = [row for row in good if row.external_id not in known]
            accounts |= _insert(job, fresh)
            job.added, job.known = job.added + len(fresh), job.known + len(known)
            EarlierImport.objects.filter(pk=job.pk).update(claimed_at=now, added=job.added, known=job.known)
    return accounts


def _insert(job: EarlierImport, rows: list[Row]) -> set[int]:
    """Responses and their answers, in two statements."""
    facts, asked, campaign = Facts(rows), definitions.read(job.version.definition), job.campaign
    if campaign is None or not rows:
        return set()
    responses = [
        Response(
            campaign=campaign, external_id=row.external_id, source=ResponseSource.IMPORT,
            status=ResponseStatus.COMPLETE, language=row.language, answers=row.values, date=row.date,
            completed_at=dt.datetime.combine(row.date or dt.date.min, dt.time(4), tzinfo=dt.UTC),
            entered_by=job.created_by, product_line_id=campaign.product_line_id, **facts.of(row),
        )
        for row in rows
    ]  # fmt: skip
    Response.objects.bulk_create(responses, batch_size=BATCH)
    Answer.objects.bulk_create(
        (Answer(response=response, **part._asdict())
         for response in responses for part in answering.parts(asked, response.answers)),
        batch_size=5000,
    )  # fmt: skip
    dates = [row.date for row in rows if row.date]
    Campaign.objects.filter(pk=campaign.pk, start_date__gt=min(dates)).update(start_date=min(dates))
    return {response.account_id for response in responses if response.account_id}


def _known(job: EarlierImport, rows: list[Row]) -> set[str]:
    ids = [row.external_id for row in rows]
    found = Response.objects.filter(campaign=job.campaign, external_id__in=ids).order_by()
    return set(found.values_list("external_id", flat=True))


def _campaign_of(job: EarlierImport) -> Campaign | None:
    """The campaign of that name, where earlier results of the same questions went to it. Raises EarlierNameTaken."""
    campaign = Campaign.objects.filter(name=job.name).first()
    if campaign is None:
        return None
    ours = EarlierImport.objects.filter(campaign=campaign).exists()
    if not ours or campaign.definition != job.version.definition:
        raise EarlierNameTaken(field="name")
    return campaign


def _make_campaign(job: EarlierImport, now: dt.datetime, today: dt.date) -> None:
    job.campaign = _campaign_of(job)
    if job.campaign is None:
        job.campaign = Campaign.objects.create(
            name=job.name, questionnaire_version=job.version, definition=job.version.definition,
            status=CampaignStatus.ENDED, owner=job.created_by, timing=Timing.ONCE, channel=Channel.LINK,
            start_date=today, end_date=today, started_at=now, ended_at=now,
        )  # fmt: skip
        record("survey_campaign.created", job.campaign, actor=job.created_by)
        index_rows("survey_campaign", [job.campaign.pk])
    job.save(update_fields=["campaign", "updated_at"])
