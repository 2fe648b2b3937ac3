"""Every write of the tiers app: one function per verb."""

from tiers.services.bulk import ask_for_decision, carry_out_decision, due_decisions
from tiers.services.decisions import (
    adjust_proposal,
    approve_proposal,
    approve_proposals,
    reject_proposal,
    reject_proposals,
)
from tiers.services.evaluation import Evaluation, Line, preview
from tiers.services.overrides import end_override, set_override
from tiers.services.policies import create_policy, ensure_default_policy, update_policy
from tiers.services.runs import run_due_policies, run_policy

__all__ = [
    "Evaluation",
    "Line",
    "adjust_proposal",
    "approve_proposal",
    "approve_proposals",
    "ask_for_decision",
    "carry_out_decision",
    "create_policy",
    "due_decisions",
    "end_override",
    "ensure_default_policy",
    "preview",
    "reject_proposal",
    "reject_proposals",
    "run_due_policies",
    "run_policy",
    "set_override",
    "update_policy",
]
