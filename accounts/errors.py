"""What the account services refuse."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden


class GroupCycle(DomainError):
    code = "group_cycle"
    message = _("This parent is below the account itself: a group cannot contain itself.")


class GroupTooDeep(DomainError):
    code = "group_too_deep"
    message = _("This group would have too many levels.")


class ManagerInactive(DomainError):
    code = "manager_inactive"
    message = _("This user is deactivated and cannot be responsible for accounts.")


class SameManager(Conflict):
    code = "same_manager"
    message = _("This user is the account manager already.")


class MemberIsManager(Conflict):
    code = "member_is_manager"
    message = _("This user is the account manager already.")


class MemberExpired(DomainError):
    code = "member_expired"
    message = _("The last day of a right cannot lie in the past.")


class AccountReadOnly(Forbidden):
    code = "account_read_only"
    message = _("You may read this account but not change it.")


class NotALeader(Forbidden):
    code = "not_a_leader"
    message = _("Only a supervisor or above decides who is responsible.")
