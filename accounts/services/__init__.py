"""Every write to accounts: one function per verb."""

from accounts.services.bulk import insert_accounts
from accounts.services.profile import create_account, update_account
from accounts.services.responsibility import (
    add_member,
    assign_manager,
    assign_managers,
    note_expired_members,
    remove_member,
    update_member,
)
from accounts.services.tiers import TierMove, change_tiers

__all__ = [
    "TierMove",
    "add_member",
    "assign_manager",
    "assign_managers",
    "change_tiers",
    "create_account",
    "insert_accounts",
    "note_expired_members",
    "remove_member",
    "update_account",
    "update_member",
]
