"""The contact policy in sentences."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import Region, Stage
from contacts.choices import Seniority
from interactions.choices import Duty, Kind, Occasion, Weekday
from interactions.models import AccountRhythm, ContactPolicy, PolicyRule


def ordered(rules: Iterable[PolicyRule]) -> list[PolicyRule]:
    """As people read them: the managers' before the sponsors', A before B, the narrower before the wider."""
    return sorted(
        rules, key=lambda rule: (rule.duty, rule.tier or "~", rule.stage or "~", rule.region or "~", rule.pk or 0)
    )


def scope_text(rule: PolicyRule) -> str:
    """Which accounts a rule is for: “Tier A, Mid, East China”, or all."""
    parts = [_("Tier %(tier)s") % {"tier": rule.tier}] if rule.tier else []
    parts += [str(Stage(rule.stage).label)] if rule.stage else []
    parts += [str(Region(rule.region).label)] if rule.region else []
    return _(", ").join(parts) or _("All other accounts")


def cadence_text(days: int) -> str:
    return ngettext("every %(days)d day", "every %(days)d days", days) % {"days": days}


def channels_text(channels: list[str]) -> str:
    """What counts: “Visit, Meeting, Call”."""
    return _(", ").join(str(Kind(channel).label) for channel in channels)


def level_text(rule: PolicyRule) -> str:
    """From which level on; "" where anybody counts."""
    if not rule.minimum_seniority:
        return ""
    return _("at least %(level)s") % {"level": Seniority(rule.minimum_seniority).label}


def rule_text(rule: PolicyRule) -> str:
    """The whole rule: “Tier A: every 14 days; what counts: Visit, Meeting, Call; at least Department head”."""
    parts = [
        cadence_text(rule.cadence_days),
        _("what counts: %(channels)s") % {"channels": channels_text(rule.channels)},
        level_text(rule),
    ]
    who = "" if rule.duty == Duty.MANAGER else _("%(who)s, ") % {"who": Duty(rule.duty).label}
    sentence = _("%(who)s%(scope)s: %(rest)s")
    return sentence % {"who": who, "scope": scope_text(rule), "rest": _("; ").join(filter(None, parts))}


def greeting_texts(policy: ContactPolicy) -> list[str]:
    """When greetings are proposed, in up to three sentences."""
    if not policy.greeting_tiers:
        return [_("No greetings are proposed.")]
    tiers = _(", ").join(sorted(policy.greeting_tiers))
    texts = [_("For contacts at accounts of tier %(tiers)s.") % {"tiers": tiers}]
    texts.append(
        ngettext("Birthdays: %(days)d day ahead.", "Birthdays: %(days)d days ahead.", policy.birthday_days_ahead)
        % {"days": policy.birthday_days_ahead}
    )
    if policy.holidays:
        names = _(", ").join(str(Occasion(name).label) for name in policy.holidays)
        text = ngettext("%(names)s: %(days)d day ahead.", "%(names)s: %(days)d days ahead.", policy.holiday_days_ahead)
        texts.append(text % {"names": names, "days": policy.holiday_days_ahead})
    return texts


def rhythm_texts(rhythm: AccountRhythm | None, today: dt.date) -> list[str]:
    """What an account wants otherwise, as it counts on `today`; nothing where it follows the policy."""
    if rhythm is None:
        return []
    texts = []
    if rhythm.paused_until and rhythm.paused_until >= today:
        values = {"date": _shown(rhythm.paused_until), "reason": rhythm.pause_reason}
        texts.append(_("Paused until %(date)s: %(reason)s") % values)
    if rhythm.cadence_days and (rhythm.override_until is None or rhythm.override_until >= today):
        cadence = cadence_text(rhythm.cadence_days)
        values = {"cadence": cadence, "date": _shown(rhythm.override_until), "reason": rhythm.override_reason}
        ends = _("Own cadence, %(cadence)s until %(date)s: %(reason)s")
        texts.append((ends if rhythm.override_until else _("Own cadence, %(cadence)s: %(reason)s")) % values)
    if rhythm.weekday is not None:
        texts.append(_("Fixed weekday: %(day)s") % {"day": Weekday(rhythm.weekday).label})
    return texts


def _shown(day: dt.date | None) -> str:
    return formats.date_format(day, "DATE_FORMAT") if day else ""
