"""The state of a contract on a day: what people decided (`phase`) and what the dates make of it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from contracts.choices import Phase, State


def state_on(contract: Any, today: dt.date, *, is_renewed: bool) -> State:
    """The state of one contract on `today`; the same rule as `contracts.querysets.state_conditions`.

    A signed contract is in force from its start to its end, both included; within that it is expiring from the day on
    which its renewal opens. One that renews itself goes on after its end until notice was given. `is_renewed`: a
    successor was signed. One that was terminated as of a day is what it was up to that day.
    """
    runs_out = contract.phase == Phase.TERMINATED and today <= contract.terminated_on
    if contract.phase != Phase.SIGNED and not runs_out:
        return State(contract.phase)
    if today < contract.start_date:
        return State.SIGNED
    goes_on = contract.renews_itself and contract.notice_given_on is None
    if contract.end_date < today and not goes_on:
        return State.RENEWED if is_renewed else State.EXPIRED
    if contract.renewal_date is not None and contract.renewal_date <= today <= contract.end_date:
        return State.EXPIRING
    return State.IN_FORCE
