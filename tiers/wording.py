"""A proposal's arithmetic, and a policy's rules, in the reader's language: made of codes and numbers when shown."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_FLOOR, Decimal
from typing import Any, NamedTuple, Protocol

from django.utils.formats import date_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core import numbers
from tiers import parameters as rules
from tiers.choices import TIERS, Combine, Criterion, Hold, Measure, Method, Schedule
from tiers.models import TierPolicy, TierPolicyVersion, TierRun


class Row(Protocol):
    """What a TierProposal and an unsaved Line have in common."""

    tier_before: str
    raw_tier: str
    proposed_tier: str
    hold: str
    revenue_amount: Decimal
    rank: int | None
    score: Decimal | None
    evidence: dict[str, Any]

    @property
    def cum_before(self) -> Decimal | None: ...


class Basis(NamedTuple):
    """What a row's numbers refer to."""

    version: TierPolicyVersion
    currency: str
    ranked: int

    @classmethod
    def of_run(cls, run: TierRun) -> Basis:
        return cls(run.version, run.currency, run.totals.get("ranked", 0))


def tier_label(tier: str) -> str:
    return tier or _("no tier")


def move_label(before: str, after: str) -> str:
    """Such as `B → A`."""
    return f"{tier_label(before)} → {tier_label(after)}"


def sentence(row: Row, basis: Basis) -> str:
    """Why this tier: the numbers, what was held back and why, what is incomplete."""
    by_method = {Method.PARETO: _pareto, Method.THRESHOLD: _threshold, Method.SCORECARD: _scorecard}
    parts = [by_method[Method(basis.version.method)](row, basis)]
    if row.hold:
        parts.append(_held(row, basis.version))
    if row.evidence.get("incomplete"):
        parts.append(_("For part of the revenue no exchange rate is known; that part does not count."))
    return _joined(parts)


def months_text(months: int) -> str:
    return ngettext("%(number)s month", "%(number)s months", months) % {"number": months}


def share_text(share: Decimal) -> str:
    """A share before a cut: rounded down, so that it never seems to have reached the cut."""
    return numbers.percent(share.quantize(Decimal("0.0001"), ROUND_FLOOR), 2)


def score_text(score: Decimal) -> str:
    """A score before a band: rounded down, so that it never seems to have reached the band."""
    return f"{score.quantize(Decimal('0.1'), ROUND_FLOOR)}"


def schedule_text(policy: TierPolicy) -> str:
    """When the policy runs."""
    if policy.schedule == Schedule.MANUAL:
        return str(Schedule.MANUAL.label)
    months = {"monthly": 1, "quarterly": 3, "half_yearly": 6}[policy.schedule]
    if months == 1:
        return _("Every month, on day %(day)s") % {"day": policy.schedule_day}
    starts = sorted((policy.schedule_month - 1 + step) % 12 + 1 for step in range(0, 12, months))
    names = _list([_month_name(month) for month in starts])
    return _("%(months)s, on day %(day)s") % {"months": names, "day": policy.schedule_day}


def rules_in_words(version: TierPolicyVersion) -> list[tuple[str, str]]:
    """(what, how) of everything that a version says."""
    parameters = version.parameters
    rows = [
        (_("Method"), str(Method(version.method).label)),
        (_("Trailing months"), str(version.months)),
        (
            _("Currency"),
            version.currency or _("that of the revenue, or the reporting currency where there are several"),
        ),
    ]
    currency = version.currency
    if version.method == Method.PARETO:
        cuts = {"a": parameters["cut_a"], "b": parameters["cut_b"]}
        rows.append((_("Tiers"), _("A below %(a)s%% of cumulative revenue, B below %(b)s%%, then C") % cuts))
    elif version.method == Method.THRESHOLD:
        rows.append((_("Compared"), str(Measure(parameters["measure"]).label)))
        bounds = {name: _amount(parameters[f"bound_{name}"], currency) for name in ("a", "b")}
        rows.append((_("Tiers"), _("A from %(a)s, B from %(b)s, else C") % bounds))
    else:
        bands = {"a": parameters["band_a"], "b": parameters["band_b"]}
        rows.append((_("Tiers"), _("A from a score of %(a)s, B from %(b)s, else C") % bands))
        for name, criterion in rules.criteria(parameters).items():
            points = _list([f"{x:f} → {y:f}" for x, y in criterion.points])
            label = str(Criterion(name).label)
            rows.append(
                (label, _("weight %(weight)s; %(points)s") % {"weight": f"{criterion.weight:f}", "points": points})
            )
    return [*rows, (_("Hysteresis"), hysteresis_text(version))]


def hysteresis_text(version: TierPolicyVersion) -> str:
    """When a move passes."""
    rule = rules.hysteresis_rule(version.parameters)
    down = _down_condition(version)
    parts = [_("Downgrades: %(condition)s.") % {"condition": down} if down else _("Downgrades at once.")]
    if rule.up_runs > 1:
        parts.append(_("Upgrades: %(condition)s.") % {"condition": _in_a_row(rule.up_runs)})
    else:
        parts.append(_("Upgrades at once."))
    return _joined(parts)


def consequences(after: str) -> list[str]:
    """What a move changes in the responsibility and in the lists; rules by tier are told by their own apps
    (`core.tier_effects`)."""
    found = {
        "A": _("The account needs a deputy and an executive sponsor; the team page shows who is missing."),
        "B": _("The account needs a deputy; the team page shows it while there is none."),
    }.get(after, _("Neither a deputy nor an executive sponsor is required."))
    return [
        found,
        _("Lists, filters, totals of the group and the API show the new tier from the day of the decision."),
        _("The change stands in the account's tier history with its reason and who decided."),
    ]


def _pareto(row: Row, basis: Basis) -> str:
    revenue, parameters = _money(row.revenue_amount, basis), basis.version.parameters
    months = months_text(basis.version.months)
    if row.rank is None or row.cum_before is None:
        return _("No positive revenue in %(months)s (%(revenue)s): C.") % {"months": months, "revenue": revenue}
    rule = {
        "A": _("A below %(a)s%%"),
        "B": _("B from %(a)s%% and below %(b)s%%"),
    }.get(row.raw_tier, _("C from %(b)s%%")) % {"a": parameters["cut_a"], "b": parameters["cut_b"]}
    return _(
        "Revenue %(revenue)s in %(months)s, rank %(rank)s of %(ranked)s; "
        "%(share)s of all revenue lies before it (%(rule)s)."
    ) % {
        "revenue": revenue,
        "months": months,
        "rank": numbers.plain(row.rank),
        "ranked": numbers.plain(basis.ranked),
        "share": share_text(row.cum_before),
        "rule": rule,
    }


def _threshold(row: Row, basis: Basis) -> str:
    parameters = basis.version.parameters
    values = {
        "months": months_text(basis.version.months),
        "measured": _money(Decimal(row.evidence.get("measured", row.revenue_amount)), basis),
        "a": _amount(parameters["bound_a"], basis.currency),
        "b": _amount(parameters["bound_b"], basis.currency),
        "tier": tier_label(row.raw_tier),
    }
    if parameters["measure"] == Measure.EVERY_MONTH:
        return (
            _("The lowest of %(months)s has %(measured)s (in every month A from %(a)s, B from %(b)s): %(tier)s.")
            % values
        )
    return _("Revenue %(measured)s in %(months)s (A from %(a)s, B from %(b)s): %(tier)s.") % values


def _scorecard(row: Row, basis: Basis) -> str:
    parts = row.evidence.get("parts", {})
    unknown = [str(Criterion(name).label) for name, (value, _score, _weight) in parts.items() if value is None]
    if row.score is None:
        return _("Nothing is known about any of the criteria: no tier by the numbers.")
    known = [
        _("%(criterion)s %(value)s gives %(score)s × %(weight)s")
        % {
            "criterion": Criterion(name).label,
            "value": _criterion_value(name, Decimal(value), basis),
            "score": numbers.plain(Decimal(score), 1),
            "weight": numbers.percent(Decimal(weight), 0),
        }
        for name, (value, score, weight) in parts.items()
        if value is not None
    ]
    text = _("Score %(score)s of 100 (A from %(a)s, B from %(b)s): %(parts)s.") % {
        "score": score_text(row.score),
        "a": basis.version.parameters["band_a"],
        "b": basis.version.parameters["band_b"],
        "parts": _list(known),
    }
    if unknown:
        missing = _("No data for %(criteria)s: the weight went to the others.") % {"criteria": _list(unknown)}
        return _joined([text, missing])
    return text


def _criterion_value(name: str, value: Decimal, basis: Basis) -> str:
    if name == Criterion.REVENUE:
        return _money(value, basis)
    if name in (Criterion.GROWTH, Criterion.MARGIN, Criterion.WALLET_SHARE):
        return numbers.percent(value / 100, 1, sign=name == Criterion.GROWTH)
    if name == Criterion.TENURE:
        return _("%(years)s years") % {"years": numbers.plain(value, 1)}
    return numbers.plain(value)


def _held(row: Row, version: TierPolicyVersion) -> str:
    kept = tier_label(row.proposed_tier)
    if row.hold == Hold.OVERRIDE:
        return _("A manual override keeps it at %(tier)s.") % {"tier": kept}
    if row.hold == Hold.NO_DATA:
        return _("It keeps its tier (%(tier)s).") % {"tier": kept}
    rule = rules.hysteresis_rule(version.parameters)
    if row.tier_before in TIERS and TIERS.index(row.raw_tier) < TIERS.index(row.tier_before):
        values = {"tier": kept, "condition": _in_a_row(rule.up_runs)}
        return _("Held at %(tier)s; an upgrade passes %(condition)s.") % values
    return _("Held at %(tier)s; a downgrade passes %(condition)s.") % {
        "tier": kept,
        "condition": _down_condition(version),
    }


def _down_condition(version: TierPolicyVersion) -> str:
    """Such as “after 2 runs in a row or beyond 2 points”; nothing where downgrades pass at once."""
    rule = rules.hysteresis_rule(version.parameters)
    beyond = {
        Method.PARETO: _("more than %(margin)s points of cumulative share beyond the cut"),
        Method.SCORECARD: _("more than %(margin)s points of score below the band"),
        Method.THRESHOLD: _("more than %(margin)s%% below the bound"),
    }[Method(version.method)] % {"margin": version.parameters["margin"]}
    if rule.down_runs > 1 and rule.margin > 0:
        both = version.parameters["combine"] == Combine.ALL
        text = _("%(runs)s and %(margin)s") if both else _("%(runs)s or %(margin)s")
        return text % {"runs": _in_a_row(rule.down_runs), "margin": beyond}
    if rule.down_runs > 1:
        return _in_a_row(rule.down_runs)
    return beyond if rule.margin > 0 else ""


def _in_a_row(runs: int) -> str:
    return _("after %(runs)s runs in a row") % {"runs": runs}


def _money(amount: Decimal, basis: Basis) -> str:
    return _amount(amount, basis.currency)


def _amount(amount: Decimal | str, currency: str) -> str:
    return numbers.full_money(Decimal(amount), currency) if currency else numbers.plain(Decimal(amount), 2)


def _month_name(month: int) -> str:
    return date_format(dt.date(2000, month, 1), "F")


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


def _list(parts: list[str]) -> str:
    return ("、" if _is_chinese() else ", ").join(parts)


def _joined(sentences: list[str]) -> str:
    return ("" if _is_chinese() else " ").join(sentences)
