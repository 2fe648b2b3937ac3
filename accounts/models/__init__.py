"""Account and what is kept beside it."""

from accounts.models.accounts import PROFILE_FIELDS, Account, AccountSummary, Tag
from accounts.models.responsibility import AccountMember, ManagerAssignment, TierHistory

__all__ = ["PROFILE_FIELDS", "Account", "AccountMember", "AccountSummary", "ManagerAssignment", "Tag", "TierHistory"]
