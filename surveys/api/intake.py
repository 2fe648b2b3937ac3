"""Invitations as the bulk call brings them: accounts by code, contacts by id or e-mail, one outcome for each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.errors import AccountReadOnly
from accounts.models import Account
from contacts.models import Employment
from core.errors import DomainError
from interactions import errors as interactions
from orders.api import intake as orders
from surveys.models import Campaign
from surveys.services.inviting import CREATED, UNCHANGED, InvitationRow, Outcome, default_occasion, invite
from users.models import User

FIELDS = {"external_id": 80, "account": 40, "email": 254, "occasion": 60}
"""The texts of a row, and how long they may be; beside them stand `contact` and `happened_on`."""
REJECTED = "rejected"
ISO_DAY = len("2026-03-16")
BULK_STATUSES = [CREATED, UNCHANGED, REJECTED]


class RowRefused(DomainError):
    """What is wrong with a row; `code` stays that of the kind of fault."""


class NotAnObject(orders.NotAnObject, RowRefused):
    """The same as for an order, and with its code."""


class UnknownField(orders.UnknownField, RowRefused):
    """The same as for an order, and with its code."""


class WrongType(orders.WrongType, RowRefused):
    """The same as for an order, and with its code."""


class TooLong(interactions.TooLong, RowRefused):
    """The same as for an interaction, and with its code."""

    message = _("At most %(most)s characters are kept; these are %(count)s.")


class MissingValue(RowRefused):
    code = "missing_value"
    message = _("This field is required.")


class ContactOrEmail(RowRefused):
    code = "contact_or_email"
    message = _("Name the contact by its number, or by its e-mail.")


class UnknownAccount(RowRefused):
    code = "unknown_account"
    message = _("There is no account with this code.")


class UnknownContact(RowRefused):
    code = "not_there"
    message = _("The account has no such contact.")


class ExternalIdTaken(RowRefused):
    code = "external_id_taken"
    message = _("This number stands for another contact in this campaign.")


class BadDate(RowRefused):
    code = "bad_date"
    message = _("Enter a date: year-month-day.")


class InFuture(interactions.InFuture, RowRefused):
    """The same as for an interaction, and with its code."""

    message = _("This day lies in the future.")


class Desk:
    """The rows of one call with the accounts and contacts that they name, fetched once for all."""

    def __init__(self, campaign: Campaign, rows: Sequence[Any], user: User, today: dt.date) -> None:
        self.campaign, self.today = campaign, today
        named = [row for row in rows if isinstance(row, Mapping)]
        codes = {code for row in named if isinstance(code := row.get("account"), str)}
        visible = Account.objects.visible_to(user).filter(code__in=codes).only("code", "tier", "status")
        self.accounts = {account.code: account for account in visible.order_by()}
        keys = {account.pk for account in self.accounts.values()}
        self.editable = set(Account.objects.editable_by(user).filter(pk__in=keys).values_list("pk", flat=True))
        emails = {email.strip() for row in named if isinstance(email := row.get("email"), str)}
        jobs = Employment.objects.visible_to(user).filter(account__in=keys, contact__email__in=emails - {""})
        # A present employment counts before one that has ended: it comes last.
        pairs = jobs.order_by("-until_date", "-pk").values_list("account_id", "contact__email", "contact_id")
        self.by_email = {(account, email): contact for account, email, contact in pairs}

    def row(self, data: Any) -> InvitationRow:
        """What the service takes. Raises RowRefused, AccountReadOnly."""
        if not isinstance(data, Mapping):
            raise NotAnObject
        for name in data:
            if name not in (*FIELDS, "contact", "happened_on"):
                raise UnknownField(field=str(name)[:200], name=str(name)[:80])
        values = {name: _text(data, name, most) for name, most in FIELDS.items()}
        account = self._account(values["account"])
        contact = self._contact(account, data.get("contact"), values["email"])
        occasion = values["occasion"] or default_occasion(
            self.campaign, account.tier, values["external_id"], self.today
        )
        return InvitationRow(account.pk, contact, values["external_id"], occasion, self._day(data.get("happened_on")))

    def _day(self, text: Any) -> dt.date | None:
        """Not later than today: what is to come has not happened."""
        if text is None:
            return None
        try:
            day = dt.date.fromisoformat(text) if isinstance(text, str) and len(text) == ISO_DAY else None
        except ValueError:
            day = None
        if day is None:
            raise BadDate(field="happened_on")
        if day > self.today:
            raise InFuture(field="happened_on")
        return day

    def _account(self, code: str) -> Account:
        if not code:
            raise MissingValue(field="account")
        account = self.accounts.get(code)
        if account is None:
            raise UnknownAccount(field="account")
        if account.pk not in self.editable and account.status != "terminated":
            raise AccountReadOnly(field="account")
        return account

    def _contact(self, account: Account, contact: Any, email: str) -> int:
        if (contact is None) == (not email):
            raise ContactOrEmail(field="contact")
        if email:
            found = self.by_email.get((account.pk, email))
            if found is None:
                raise UnknownContact(field="email")
            return found
        if type(contact) is not int or not 0 < contact < 2**63:
            raise UnknownContact(field="contact")
        return contact


def invite_rows(
    campaign: Campaign, rows: Sequence[Any], *, user: User, today: dt.date, now: dt.datetime
) -> list[dict[str, Any]]:
    """One outcome for each row, as the answer has it. Raises CampaignWrongStatus."""
    desk, good, results = Desk(campaign, rows, user, today), [], []
    for index, data in enumerate(rows):
        name = data.get("external_id") if isinstance(data, Mapping) else ""
        answer = {"index": index, "external_id": name if isinstance(name, str) else ""}
        answer |= {"status": REJECTED, "id": None, "code": "", "message": "", "field": None}
        results.append(answer)
        try:
            good.append((answer, desk.row(data)))
        except DomainError as error:
            answer |= {"code": error.code, "message": str(error), "field": error.field}
    outcomes = invite(campaign, [row for _answer, row in good], actor=user, today=today, now=now)
    for (answer, _row), outcome in zip(good, outcomes, strict=True):
        answer |= _said(outcome)
    return results


def _said(outcome: Outcome) -> dict[str, Any]:
    """Of a row that was asked already `id` is the earlier invitation."""
    found: dict[str, Any] = {"id": outcome.invitation.pk if outcome.invitation else None}
    if outcome.status in (CREATED, UNCHANGED):
        return {**found, "status": outcome.status}
    errors = {error.code: error for error in (UnknownContact, ExternalIdTaken)}
    message = outcome.reason or str(errors[outcome.code].message)
    field = {"not_there": "contact", "external_id_taken": "external_id"}.get(outcome.code)
    return {**found, "code": outcome.code, "message": message, "field": field}


def _text(data: Mapping[str, Any], name: str, most: int) -> str:
    value = data.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise WrongType(field=name)
    value = value.strip()
    if len(value) > most:
        raise TooLong(field=name, most=most, count=len(value))
    return value
