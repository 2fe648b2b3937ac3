"""Any sequence of steps, allowed or not, leaves a contract that makes sense."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals import services as approvals
from approvals.models import ApprovalRequest
from contracts import services
from contracts.choices import Phase, State, VersionStatus
from contracts.models import Contract, Instalment
from contracts.states import state_on
from contracts.totals import totals
from core.errors import DomainError
from tests.factories import TODAY
from tests.factories.contracts import draft, make_approval_rule, make_instalment, make_line, make_parts

NOW = dt.datetime(2026, 3, 16, 4, tzinfo=dt.UTC)
VERBS = [
    "submit", "approve", "send_back", "withdraw", "reopen", "sign", "discard", "amend", "change", "notice",
    "terminate", "renew",
]  # fmt: skip
steps = st.lists(st.tuples(st.sampled_from(VERBS), st.integers(0, 60)), max_size=14)


class Life:
    """One contract and those who work on it."""

    def __init__(self, account, alice, lee):
        self.alice, self.lee = alice, lee
        self.contract = draft(account, alice)

    @property
    def row(self):
        return Contract.objects.get(pk=self.contract.pk)

    @property
    def version(self):
        return services.version_at_work(self.row) or self.row.version

    def request(self):
        return ApprovalRequest.objects.order_by("-pk").first() or ApprovalRequest(pk=0, subject="contract")

    def act(self, verb, number):
        day, alice = TODAY - dt.timedelta(days=number), {"actor": self.alice}
        {
            "submit": lambda: services.submit_version(self.version, now=NOW, **alice),
            "approve": lambda: approvals.approve(self.request(), actor=self.lee, now=NOW),
            "send_back": lambda: approvals.send_back(self.request(), actor=self.lee, now=NOW, comment="x"),
            "withdraw": lambda: approvals.withdraw(self.request(), now=NOW, **alice),
            "reopen": lambda: services.reopen_version(self.version, reason="x", **alice),
            "sign": lambda: services.sign_version(self.version, signed_on=day, today=TODAY, **alice),
            "discard": lambda: services.discard_version(self.version, reason="x", **alice),
            "amend": lambda: services.amend_contract(
                self.row, reason="x", effective_date=dt.date(2026, 4, 1) + dt.timedelta(days=number), **alice
            ),
            "change": lambda: services.update_draft(
                self.row, self.version, make_parts([make_line(unit_price=number + 1)], instalments=[
                    make_instalment(amount=number + 1, position=number % 3 + 1)
                ]), **alice
            ),
            "notice": lambda: services.give_notice(self.row, on=day, reason="x", today=TODAY, **alice),
            "terminate": lambda: services.terminate_contract(self.row, as_of=TODAY, reason="x", now=NOW, **alice),
            "renew": lambda: services.renew_contract(self.row, today=TODAY, **alice),
        }[verb]()  # fmt: skip


def check(contract):
    """What always holds."""
    versions = list(contract.versions.order_by("number"))
    at_work = [row for row in versions if row.status in ("draft", "in_approval", "approved")]
    signed = [row for row in versions if row.status == VersionStatus.SIGNED]
    assert [row.number for row in versions] == list(range(1, len(versions) + 1))
    assert len(at_work) <= 1
    if contract.phase in (Phase.SIGNED, Phase.TERMINATED):
        assert contract.version == signed[-1]
        assert contract.signed_on == signed[0].signed_on
        assert contract.gross_amount == contract.version.gross_amount
    else:
        assert not signed
        assert contract.version.status == contract.phase
        assert contract.notice_given_on is contract.terminated_on is None
    current = set(Instalment.objects.filter(contract=contract, is_current=True).values_list("version", flat=True))
    assert current == ({contract.version_id} if signed else set())
    for row in versions:
        found = totals(row.lines.all(), row.tax_rate, contract.currency)
        assert (row.net_amount, row.gross_amount) == (found.net_amount, found.gross_amount)
    assert state_on(contract, TODAY, is_renewed=False) in State
    assert Contract.objects.filter(pk=contract.pk).with_state(TODAY).get().state_now
    pending = ApprovalRequest.objects.filter(status="pending")
    waiting = [row.pk for row in at_work if row.status == VersionStatus.IN_APPROVAL]
    asked = [row.object_id for row in pending if row.subject in ("contract", "amendment")]
    assert asked == waiting
    ends = [row.object_id for row in pending if row.subject == "termination"]
    assert bool(ends) == (contract.phase == Phase.SIGNED and contract.terminated_on is not None)


class TestAnySequence:
    @pytest.mark.parametrize("ruled", [True, False])
    @settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(begun=st.booleans(), sequence=steps)
    def test_makes_sense(self, account, alice, lee, ruled, begun, sequence):
        with transaction.atomic():
            if ruled:
                for subject in ("contract", "amendment", "termination"):
                    make_approval_rule(subject, min_amount=Decimal(1))
            life = Life(account, alice, lee)
            fixed = {}
            first = [("submit", 0), ("approve", 0), ("sign", 0)] if begun else []
            for verb, number in [*first, *sequence]:
                try:
                    with transaction.atomic():
                        life.act(verb, number)
                except DomainError:
                    pass
                check(life.row)
                for row in life.row.versions.filter(status="signed"):
                    content = services.compare_versions(row, row), [*row.lines.values()], row.net_amount, row.end_date
                    assert fixed.setdefault(row.pk, content[1:]) == content[1:]
            numbers = sorted(Contract.objects.values_list("sequence", flat=True))
            assert numbers == list(range(1, len(numbers) + 1))
            transaction.set_rollback(True)
