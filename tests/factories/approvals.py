"""Approval rules and requests, through their services."""

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from approvals import registry, services
from approvals.choices import Approver, Mode, Subject
from approvals.models import ApprovalRule
from approvals.registry import Handler
from approvals.services import Facts, StepPlan
from tests.factories import TODAY

NOW = dt.datetime.combine(TODAY, dt.time(3, 0), dt.UTC)
HOUR = dt.timedelta(hours=1)


class Recorder:
    """A row's app that notes what it is told, and refuses or shows as it is told itself."""

    def __init__(self):
        self.told, self.refusal, self.readers = [], None, set()
        self.handler = Handler(
            approved=self._note("approved"),
            reopened=self._note("reopened"),
            may_see=lambda user, object_id: user.pk in self.readers,
            kinds=(("supply", "Supply contract"), ("frame", "Framework contract")),
        )

    def _note(self, word):
        def note(request, actor, now):
            if self.refusal is not None:
                raise self.refusal
            self.told.append((word, request.pk, actor, now))

        return note


def make_rule(*steps, subject=Subject.CONTRACT, **fields):
    """A rule whose steps are named by their approver: `("superior", ("person", "all", [lee, dora]))`."""
    plans = [StepPlan(step) if isinstance(step, str) else StepPlan(*step) for step in steps or (Approver.SUPERIOR,)]
    number = ApprovalRule.objects.count() + 1
    fields = {"name": f"规则 {number}", "position": number, **fields}
    return services.create_rule(ApprovalRule(subject=subject, **fields), plans, actor=None)


def facts(amount=100_000, **fields):
    amount = None if amount is None else Decimal(amount)
    return Facts(**{"amount": amount, "currency": "CNY", "tier": "A", "kind": "supply", **fields})


def make_request(actor, object_id=1, *, subject=Subject.CONTRACT, given=None, now=NOW, note="请审批"):
    """A request of `actor`; a rule must be there."""
    request = services.request_approval(
        subject, object_id, title=f"合同 {object_id}", url="/contracts/", facts=given or facts(), actor=actor, now=now,
        note=note,
    )  # fmt: skip
    assert request is not None, "make a rule first"
    return request


def make_approval(request, requester, **fields):
    """A request of the cast's `requester` to Lee about a row that no app knows; `request` is pytest's."""
    request.getfixturevalue("lee")
    handlers = {subject.value: Recorder().handler for subject in Subject}
    request.getfixturevalue("monkeypatch").setattr(registry, "_handlers", handlers)
    make_rule()
    return make_request(requester, now=timezone.now(), **fields)


ONE, ALL = Mode.ONE.value, Mode.ALL.value
