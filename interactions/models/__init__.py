"""Rows of what happened, what is planned, and the policy behind it."""

from interactions.models.interactions import (
    LOG_FIELDS,
    MAX_MINUTES_LENGTH,
    CheckIn,
    Interaction,
    InteractionFile,
    NextStep,
    Topic,
)
from interactions.models.policy import ContactPolicy, CoverageMonth, PolicyRule
from interactions.models.visits import (
    AccountRhythm,
    CalendarFeed,
    Capacity,
    Greeting,
    PlanningGap,
    PlanningRun,
    Visit,
)

__all__ = [
    "LOG_FIELDS",
    "MAX_MINUTES_LENGTH",
    "AccountRhythm",
    "CalendarFeed",
    "Capacity",
    "CheckIn",
    "ContactPolicy",
    "CoverageMonth",
    "Greeting",
    "Interaction",
    "InteractionFile",
    "NextStep",
    "PlanningGap",
    "PlanningRun",
    "PolicyRule",
    "Topic",
    "Visit",
]
