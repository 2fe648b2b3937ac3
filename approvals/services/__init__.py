"""Every write to approvals."""

from approvals.rules import Facts
from approvals.services.decisions import approve, send_back
from approvals.services.leaving import reassign_lost_votes, reassign_votes_of
from approvals.services.requests import add_comment, may_see, request_approval, rule_for, withdraw
from approvals.services.rules import StepPlan, create_rule, delete_rule, plans_of, update_rule

__all__ = [
    "Facts",
    "StepPlan",
    "add_comment",
    "approve",
    "create_rule",
    "delete_rule",
    "may_see",
    "plans_of",
    "reassign_lost_votes",
    "reassign_votes_of",
    "request_approval",
    "rule_for",
    "send_back",
    "update_rule",
    "withdraw",
]
