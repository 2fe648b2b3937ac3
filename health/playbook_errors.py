"""What playbooks and their tasks refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden


class MayNotOwnPlaybooks(Forbidden):
    code = "may_not_own_playbooks"
    message = _("Only a director or an administrator changes playbooks.")


class NotForComparing(Forbidden):
    code = "not_for_comparing"
    message = _("Whether playbooks help is for supervisors and above.")


class PlaybookNameless(DomainError):
    code = "playbook_nameless"
    message = _("Give the playbook a name in at least one language.")


class PlaybookEmpty(DomainError):
    code = "playbook_empty"
    message = _("A playbook needs at least one step.")


class TooManySteps(DomainError):
    code = "playbook_too_long"
    message = _("A playbook has at most %(most)s steps.")


class StepUntitled(DomainError):
    code = "step_untitled"
    message = _("Step %(number)s has no title.")


class StepMalformed(DomainError):
    code = "step_malformed"
    message = _("Step %(number)s: %(problem)s")


class StageNeeded(DomainError):
    code = "stage_needed"
    message = _("Choose the stages that start the playbook.")


class PlaybookChanged(Conflict):
    code = "playbook_changed"
    message = _("Somebody else has changed this playbook meanwhile. Nothing was saved; your changes are still here.")


class PlaybookShipped(Conflict):
    code = "playbook_shipped"
    message = _("This playbook came with the product: switch it off instead of deleting it.")


class PlaybookUsed(Conflict):
    code = "playbook_used"
    message = _("This playbook has been at work at accounts: switch it off instead of deleting it.")


class PlaybookInactive(Conflict):
    code = "playbook_inactive"
    message = _("This playbook is switched off.")


class PlaybookRunning(Conflict):
    code = "playbook_running"
    message = _("This playbook is at work at this account already.")


class AlertElsewhere(DomainError):
    code = "alert_elsewhere"
    message = _("This alert is about another account.")


class RunEnded(Conflict):
    code = "playbook_run_ended"
    message = _("This playbook has ended at this account.")


class TaskNotOpen(Conflict):
    code = "task_not_open"
    message = _("This task is done or skipped already.")


class TaskOpen(Conflict):
    code = "task_open"
    message = _("This task is open.")


class SkipReasonNeeded(DomainError):
    code = "skip_reason_needed"
    message = _("Say why the task is skipped.")


class StopReasonNeeded(DomainError):
    code = "stop_reason_needed"
    message = _("Say why the playbook is stopped.")


class NoSuchItem(DomainError):
    code = "no_such_item"
    message = _("The checklist has no such item.")


class OwnerSeesNothing(DomainError):
    code = "owner_sees_nothing"
    message = _("%(name)s does not see this account. Put them on the account team first.")


class TaskDueInPast(DomainError):
    code = "task_due_in_past"
    message = _("The new day lies in the past.")


class TaskDueTooFar(DomainError):
    code = "task_due_too_far"
    message = _("The new day lies more than two years ahead.")
