"""Playbooks and playbooks at work, made by the services as pages make them.

`make_run(account)` is a playbook with two steps at Alice's account, started today.
"""

from health.models import HealthPoint, Playbook
from health.playbook_steps import Step
from health.services.playbook_runs import start_playbook
from health.services.playbooks import save_playbook
from tests.factories import TODAY

CALL = Step(
    {"zh-hans": "致电采购", "en": "Call purchasing"}, "manager", 1,
    [{"zh-hans": "问价格", "en": "Ask the price"}, {"zh-hans": "问日期", "en": "Ask the date"}],
    {"zh-hans": "您好", "en": "Good morning"},
)  # fmt: skip
TALK = Step({"zh-hans": "内部会商", "en": "Agree inside"}, "supervisor", 4)


def make_playbook(name="停单", *steps, **fields):
    """A playbook of the company's own."""
    row = Playbook(names={"zh-hans": name, "en": f"{name} (en)"}, **fields)
    return save_playbook(row, steps or [CALL, TALK], actor=None)


def make_run(account, playbook=None, *, today=TODAY, alert=None, actor=None):
    """A playbook at work at the account."""
    return start_playbook(playbook or make_playbook(), account, alert=alert, actor=actor, today=today)


def make_point(account, date, score, band="watch", tier="B"):
    """The health of an account on a day."""
    return HealthPoint.objects.create(account=account, date=date, score=score, band=band, tier=tier)
