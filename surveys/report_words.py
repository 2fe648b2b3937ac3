"""Which answers a report is about, in words: for the files that leave the house."""

from __future__ import annotations

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import numbers
from surveys.choices import Cut
from surveys.cut_labels import labels
from surveys.reports import Report


def about(report: Report) -> list[str]:
    """How many answers, of which part of them, of which months."""
    count = ngettext("%(number)s answer", "%(number)s answers", report.responses)
    return [count % {"number": numbers.plain(report.responses)}, *of_slice(report), *of_months(report)]


def of_slice(report: Report) -> list[str]:
    """The part that the report is narrowed to; nothing where it is about all."""
    cut, key = report.scope.cut, report.scope.key
    if cut == Cut.ALL:
        return []
    label = labels(cut, [key])[key]
    if cut == Cut.TIER or not key:  # says itself what it is
        return [label]
    return [_("%(cut)s: %(value)s") % {"cut": Cut(cut).label, "value": label}]


def of_months(report: Report) -> list[str]:
    """From when to when."""
    first, last = report.months.first_day, report.months.last_day
    parts = []
    if first:
        parts.append(_("from %(date)s") % {"date": formats.date_format(first, "DATE_FORMAT")})
    if last:
        parts.append(_("until %(date)s") % {"date": formats.date_format(last, "DATE_FORMAT")})
    return parts or [_("all months")]
