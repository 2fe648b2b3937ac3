"""Why a row of a file of contacts is not imported: every reason, its code and its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _gettext
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from integrations.tables.problems import sentence

SKIPPED = {
    "known": _("Known already: %(value)s (%(name)s)."),
}

BAD = {
    "missing_value": _("%(name)s is missing."),
    "too_many_cells": _("The row has more cells than there are headings."),
    "too_long": _("%(name)s is longer than %(limit)s characters."),
    "bad_text": _("%(name)s contains characters that cannot be stored."),
    "unknown_account": _("There is no account with the code “%(value)s” that you may change."),
    "bad_phone": _("“%(value)s” is not a phone number (%(name)s). Outside China write + and the country code."),
    "bad_email": _("“%(value)s” is not an e-mail address."),
    "bad_birthday": _("“%(value)s” is not a birthday: write 1980-05-06, 05-06, or a day of the lunar calendar."),
    "no_such_birthday": _("“%(value)s”: there is no such day in this calendar."),
    "bad_date": _("“%(value)s” is not a date (%(name)s)."),
    "date_in_future": _("“%(value)s” lies in the future (%(name)s)."),
    "before_founding": _("The account was founded on %(value)s; nobody can have worked there before."),
    "unknown_choice": _("“%(value)s” is not one of the values of this field (%(name)s): %(known)s."),
    "unknown_owner": _("There is no active user with the login or e-mail “%(value)s” (%(name)s)."),
    "repeated_in_file": _("The same person stands in row %(value)s already (%(name)s)."),
    "several_known": _("Several known people fit (%(name)s): %(value)s. Merge them first."),
    "known_read_only": _("Known already, at accounts that you may not change: %(value)s (%(name)s)."),
}

MESSAGES = SKIPPED | BAD

FIELD_NAMES = {
    "account": _("account code"),
    "name": pgettext_lazy("of a person", "name"),
    "name_en": _("English name"),
    "form_of_address": _("form of address"),
    "position": _("position"),
    "department": _("department"),
    "seniority": _("level"),
    "mobile": _("mobile phone"),
    "work_phone": _("work phone"),
    "email": _("e-mail"),
    "wechat": _("WeChat ID"),
    "birthday": _("birthday"),
    "birthday_calendar": _("calendar of the birthday"),
    "decision_role": _("role in decisions"),
    "attitude": _("attitude to us"),
    "influence": _("influence"),
    "owner": _("relationship owner"),
    "from_date": _("there since"),
    "notes": _("notes"),
}


def message_of(code: str, field: str, params: Mapping[str, Any]) -> str:
    """The problem as a sentence in the active language."""
    return sentence(MESSAGES, FIELD_NAMES, code, field, params)


def result_name(code: str) -> str:
    """What became of such a row, for the file of rows given back."""
    return _gettext("left out") if code in SKIPPED else _gettext("bad")
