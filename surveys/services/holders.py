"""Sums of answers move with the account to its new manager, and with the manager to a new team.

Readers who see a part of the company read the sums of their teams, or their own; an account whose manager has changed
since, or whose manager's team has, is corrected by them answer by answer, until this job has moved its sums. It may be
killed and run twice: an account is moved in one transaction, together with the row that says where it stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import F, OuterRef, Q, Subquery

from accounts.models import Account
from surveys.models import Campaign, Response, ResultHolder
from surveys.models.answers import HOLDER
from surveys.services.folding import change_cells, change_team_cells, numbers_of

BATCH = 500


def move_sums() -> int:
    """Move the sums of every account that stands elsewhere now; returns the accounts moved."""
    total = 0
    while moved := _move_batch():
        total += moved
    return total


@transaction.atomic
def _move_batch() -> int:
    _keep_others_out()
    new_manager, new_team = _differs("manager", "account__manager"), _differs("team", "account__manager__team")
    # Team by team: a batch then changes few cells, each by many answers.
    rows = ResultHolder.objects.filter(new_manager | new_team).order_by("account__manager__team", "pk")
    accounts = list(rows.values_list("pk", flat=True)[:BATCH])
    if not accounts:
        return 0
    chosen = ResultHolder.objects.order_by().filter(pk__in=accounts)
    by_manager = _counted(chosen.filter(new_manager).values_list("pk", flat=True))
    by_team = _counted(chosen.filter(new_team).values_list("pk", flat=True))
    had_team = _counted(chosen.filter(new_team, team__isnull=False).values_list("pk", flat=True))
    _change(by_manager, had_team, take=True)
    now = Account.objects.order_by().filter(pk=OuterRef("pk"))
    chosen.update(manager=Subquery(now.values("manager")), team=Subquery(now.values("manager__team")))
    _change(by_manager, by_team, take=False)
    return len(accounts)


def _keep_others_out() -> None:
    """One batch that moves at a time, and none that adds: an answer is added where its account stands, and must not
    come to stand elsewhere in between. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE surveys_resultholder IN SHARE ROW EXCLUSIVE MODE")


def _differs(name: str, path: str) -> Q:
    """Whether what is kept under `name` is not what `path` leads to; nothing is different from something."""
    kept, found = f"{name}__isnull", f"{path}__isnull"
    one_missing = Q(**{kept: True, found: False}) | Q(**{kept: False, found: True})
    return one_missing | (Q(**{kept: False, found: False}) & ~Q(**{name: F(path)}))


def _counted(accounts: Iterable[int]) -> dict[int, list[int]]:
    """The counted responses of these accounts by campaign."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = Response.objects.filter(account__in=list(accounts), counted=True).order_by("pk")
    for campaign, response in rows.values_list("campaign_id", "pk"):
        found[campaign].append(response)
    return found


def _change(by_manager: dict[int, list[int]], by_team: dict[int, list[int]], *, take: bool) -> None:
    """Take these responses from the sums of their managers and teams, or add them."""
    numbers = {pk: numbers_of(row) for pk, row in Campaign.objects.in_bulk({*by_manager, *by_team}).items()}
    for campaign, ids in sorted(by_manager.items()):
        change_cells(campaign, ids, numbers[campaign], [HOLDER], take=take)
    for campaign, ids in sorted(by_team.items()):
        change_team_cells(campaign, ids, numbers[campaign], take=take)
