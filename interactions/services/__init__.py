"""Every write to interactions, visits, the contact policy and what follows from them."""

from interactions.services.capacity import set_capacity
from interactions.services.files import attach_file, remove_file
from interactions.services.greetings import close_greeting, propose_greetings
from interactions.services.log import delete_interaction, log_interaction, update_interaction
from interactions.services.planning import (
    COUNTS,
    MAX_WEEKS,
    STALE,
    Progress,
    Report,
    ask_for_planning,
    carry_out_planning,
    dead_runs,
    heirs,
    is_planned,
    plan_visits,
)
from interactions.services.policies import (
    activate_contact_policy,
    create_contact_policy,
    delete_contact_policy,
    ensure_default_contact_policy,
    update_contact_policy,
)
from interactions.services.rhythm_settings import set_rhythm
from interactions.services.rhythms import refresh_rhythms
from interactions.services.steps import (
    add_step,
    add_steps,
    close_steps,
    complete_step,
    drop_step,
    reopen_step,
    update_step,
)
from interactions.services.visits import (
    KEEP,
    cancel_visit,
    complete_visit,
    miss_overdue,
    move_visit,
    plan_visit,
    update_visit,
)
from interactions.services.what_if import WhatIf, what_if
from interactions.services.workload import warnings_for

__all__ = [
    "COUNTS",
    "KEEP",
    "MAX_WEEKS",
    "STALE",
    "Progress",
    "Report",
    "WhatIf",
    "activate_contact_policy",
    "add_step",
    "add_steps",
    "ask_for_planning",
    "attach_file",
    "cancel_visit",
    "carry_out_planning",
    "close_greeting",
    "close_steps",
    "complete_step",
    "complete_visit",
    "create_contact_policy",
    "dead_runs",
    "delete_contact_policy",
    "delete_interaction",
    "drop_step",
    "ensure_default_contact_policy",
    "heirs",
    "is_planned",
    "log_interaction",
    "miss_overdue",
    "move_visit",
    "plan_visit",
    "plan_visits",
    "propose_greetings",
    "refresh_rhythms",
    "remove_file",
    "reopen_step",
    "set_capacity",
    "set_rhythm",
    "update_contact_policy",
    "update_interaction",
    "update_step",
    "update_visit",
    "warnings_for",
    "what_if",
]
