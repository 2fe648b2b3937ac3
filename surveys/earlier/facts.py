"""Accounts, people and responsibility of a batch of rows: a few statements for all of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, ManagerAssignment, TierHistory
from contacts.models import Employment
from surveys.earlier.columns import ACCOUNT, CONTACT, EMAIL
from surveys.earlier.rows import Reader, Row


class Facts:
    """What the database knows about the rows of a batch."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        accounts = Account.objects.filter(code__in={row.account for row in rows}).order_by()
        self.accounts = {account.code: account for account in accounts.only("code", "region")}
        self._by_email: dict[tuple[int, str], set[int]] = defaultdict(set)
        self._by_name: dict[tuple[int, str], set[int]] = defaultdict(set)
        jobs = Employment.objects.filter(account__in=self._ids(), contact__erased=False).order_by()
        for account, contact, email, name in jobs.values_list(
            "account_id", "contact_id", "contact__email", "contact__name"
        ):
            self._by_email[account, email.lower()].add(contact)
            self._by_name[account, name.strip()].add(contact)

    def check(self, reader: Reader) -> None:
        """Note at each row what is not there, or is there more than once."""
        for row in self.rows:
            account = self.accounts.get(row.account)
            if account is None:
                if row.account:
                    said = _("There is no account with the code “%(code)s”.") % {"code": row.account[:60]}
                    reader.add(row, ACCOUNT, "account_unknown", said)
            elif row.email or row.contact:
                found = self._people(row, account.pk)
                if len(found) != 1:
                    said = _("Nobody of that name or e-mail works, or worked, at this account.")
                    many = _("Several people of that name work at this account; give the e-mail.")
                    code, text = ("contact_ambiguous", many) if found else ("contact_unknown", said)
                    reader.add(row, EMAIL if row.email else CONTACT, code, text)

    def of(self, row: Row) -> dict[str, Any]:
        """The fields of the response of a good row: whose it is, and who was responsible on its day."""
        account = self.accounts[row.account]
        people = self._people(row, account.pk) if row.email or row.contact else set()
        manager, team = self._manager(account.pk, row.date)
        return {
            "account_id": account.pk,
            "contact_id": next(iter(people), None),
            "region": account.region,
            "tier": self._tier(account.pk, row.date),
            "manager_id": manager,
            "team_id": team,
        }

    def _people(self, row: Row, account: int) -> set[int]:
        if row.email:
            return self._by_email[account, row.email]
        return self._by_name[account, row.contact]

    def _manager(self, account: int, day: dt.date | None) -> tuple[int | None, int | None]:
        """(manager, their team) on a day; of a day with a change the newer one."""
        for first, last, manager, team in self._assignments.get(account, ()):
            if day and first <= day and (last is None or day <= last):
                return manager, team
        return None, None

    def _tier(self, account: int, day: dt.date | None) -> str:
        for since, tier in self._tiers.get(account, ()):
            if day and since <= day:
                return tier
        return ""

    @cached_property
    def _assignments(self) -> dict[int, list[tuple[dt.date, dt.date | None, int, int | None]]]:
        found: dict[int, list[Any]] = defaultdict(list)
        rows = ManagerAssignment.objects.filter(account__in=self._ids()).order_by("-from_date", "-pk")
        columns = ("account_id", "from_date", "until_date", "manager_id", "manager__team_id")
        for account, *row in rows.values_list(*columns):
            found[account].append(tuple(row))
        return found

    @cached_property
    def _tiers(self) -> dict[int, list[tuple[dt.date, str]]]:
        found: dict[int, list[Any]] = defaultdict(list)
        rows = TierHistory.objects.filter(account__in=self._ids()).order_by("-since", "-pk")
        for account, *row in rows.values_list("account_id", "since", "tier"):
            found[account].append(tuple(row))
        return found

    def _ids(self) -> list[int]:
        return [account.pk for account in self.accounts.values()]
