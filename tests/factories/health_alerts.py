"""Alerts, their rules and scores in any state, as rows: how they get there is what the tests of the services are about.

`make_alert(account)` is an open one of Alice's account; each reason has one rule.
"""

import datetime as dt

from health.models import AccountHealth, Alert, AlertRule, HealthPoint, HealthProfile, HealthRun
from tests.factories import TODAY
from tests.factories.users import UserFactory

NOW = dt.datetime.combine(TODAY, dt.time(2), tzinfo=dt.UTC)
"""Ten in the morning of TODAY in Shanghai."""
DAY = dt.timedelta(days=1)


def make_part(signal="order_gap", value=4.2, **fields):
    """One entry of AccountHealth.parts."""
    known = {
        "signal": signal, "group": "buying", "value": value, "bound": 2.0, "severity": 0.9, "weight": 0.25,
        "lost": 22.5, "date": (TODAY - 60 * DAY).isoformat(), "facts": {"days": 60, "interval": 14},
    }  # fmt: skip
    return known | fields


def make_evidence(*parts, **fields):
    """What an alert saw."""
    known = {"score": 38, "probability": 0.72, "drop_probability": 0.81, "value_at_risk": "86400.00"}
    return known | {"signals": list(parts or [make_part()])} | fields


def make_alert_rule(reason="order_gap", **fields):
    """The rule of a reason; made once unless fields say otherwise."""
    if not fields and (rule := AlertRule.objects.filter(reason=reason).first()):
        return rule
    fields = {
        "name": f"规则 {reason}", "name_en": f"Rule {reason}",
        "conditions": [{"measure": "signal:order_gap", "op": "gte", "value": 0.5}], **fields,
    }  # fmt: skip
    return AlertRule.objects.create(reason=reason, **fields)


def make_alert(account, reason="order_gap", status="open", **fields):
    """An alert about the account, of its manager, opened yesterday; what its state needs is filled in."""
    given = {
        "rule": fields.pop("rule", None) or make_alert_rule(reason), "owner": account.manager, "severity": 3,
        "rank": 86_400.0, "opened_on": TODAY - DAY, "opened_at": NOW - DAY, "due_at": NOW + DAY, "probability": 0.72,
        "value_at_risk_amount": "86400.00", "currency": "CNY", "evidence": make_evidence(),
        "evidence_now": make_evidence(), "seen_on": TODAY,
    }  # fmt: skip
    if status == "snoozed":
        given["snoozed_until"] = TODAY + 7 * DAY
    if status == "acknowledged":
        given |= {"acknowledged_at": NOW, "acknowledged_by": account.manager}
    if status == "resolved":
        given |= {"resolved_at": NOW, "resolved_by": account.manager, "outcome": "saved"}
    return Alert.objects.create(account=account, reason=reason, status=status, **{**given, **fields})


def make_comment(alert, text="明天打电话", author=None):
    return alert.comments.create(author=author or alert.owner or UserFactory(), text=text, created_at=NOW)


def make_profile(**fields):
    """The profile of all accounts; made once."""
    return HealthProfile.objects.first() or HealthProfile.objects.create(
        **{"name": "默认", "name_en": "Default", "groups": {"buying": 100}, "signals": {}, **fields}
    )


def make_health(account, score=38, probability=0.72, **fields):
    """The newest score of an account, with what explains it."""
    band = "healthy" if (score or 0) >= 70 else "watch" if (score or 0) >= 40 else "at_risk"
    given = {
        "as_of": TODAY, "profile": make_profile(), "profile_revision": 1, "band": band if score is not None else "",
        "parts": [make_part()], "missing": ["nps_low"], "drop_probability": 0.81, "currency": "CNY",
        "lifetime_value_amount": "240000.00", "value_at_risk_amount": "86400.00",
    }  # fmt: skip
    return AccountHealth.objects.create(account=account, score=score, probability=probability, **{**given, **fields})


def make_points(account, *scores, until=TODAY):
    """The history of the score, a week apart, the last one on `until`."""
    for weeks, score in enumerate(reversed(scores)):
        HealthPoint.objects.create(account=account, date=until - weeks * 7 * DAY, score=score, band="watch", tier="B")


def make_health_run(as_of=TODAY, **fields):
    """A night that is done."""
    return HealthRun.objects.create(as_of=as_of, **{"stage": "done", "scored": 3, "finished_at": NOW, **fields})
