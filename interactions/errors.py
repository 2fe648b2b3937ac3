"""What the services of interactions refuse."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden


class InFuture(DomainError):
    code = "in_future"
    message = _("This lies in the future. What is still to happen is a visit to plan.")


class BeforeAccount(DomainError):
    code = "before_account"
    message = _("The account is known since %(date)s. If it is older, enter “customer since” on the account first.")


class TooLong(DomainError):
    code = "too_long"
    message = _("The minutes have %(count)s characters; at most %(most)s are kept.")


class ContactElsewhere(DomainError):
    code = "contact_elsewhere"
    message = _("%(names)s never worked at this account.")


class ColleagueInactive(DomainError):
    code = "colleague_inactive"
    message = _("%(names)s is deactivated and cannot take part.")


class TooManyParts(DomainError):
    code = "too_many"
    message = _("At most %(most)s are possible here.")


class NotDeletable(Forbidden):
    code = "not_deletable"
    message = _("Only who logged it may delete it, within 24 hours; later, a supervisor may.")


class ReasonNeeded(DomainError):
    code = "reason_needed"
    message = _("Say why.")


class InteractionElsewhere(DomainError):
    code = "interaction_elsewhere"
    message = _("This interaction is about another account.")


class StepClosed(Conflict):
    code = "step_closed"
    message = _("This step has been closed already.")


class StepOpen(Conflict):
    code = "step_open"
    message = _("This step is open.")


class StepOwnerInactive(DomainError):
    code = "owner_inactive"
    message = _("%(name)s is deactivated and cannot own a step.")


class DueTooEarly(DomainError):
    code = "due_too_early"
    message = _("The due date lies before %(date)s.")


class FileRefused(DomainError):
    code = "file_refused"
    message = _("This file cannot be kept.")


class FileTooLarge(FileRefused):
    code = "attachment_too_large"
    message = _("“%(name)s” is too large: at most %(limit)s.")


class FileTypeRefused(FileRefused):
    code = "file_type"
    message = _("“%(name)s” is of a kind that is not kept. Possible are: %(kinds)s.")


class FileEmpty(FileRefused):
    code = "file_empty"
    message = _("“%(name)s” is empty.")


class BadPhoto(FileRefused):
    code = "bad_photo"
    message = _("“%(name)s” is no picture that can be read. Nothing else was lost; choose another one.")


class VisitClosed(Conflict):
    code = "visit_closed"
    message = _("This visit is no longer planned: somebody has completed, cancelled or missed it meanwhile.")


class VisitInPast(DomainError):
    code = "visit_in_past"
    message = _("This day is over. What has happened already is logged, not planned.")


class VisitTwice(Conflict):
    code = "visit_twice"
    message = _("The contact policy has planned a visit to this account on that day already.")


class VisitorInactive(DomainError):
    code = "visitor_inactive"
    message = _("%(name)s is deactivated and cannot go anywhere.")


class VisitElsewhere(DomainError):
    code = "visit_elsewhere"
    message = _("The interaction is about another account, or closes another visit.")


class MayNotOwnContactPolicy(Forbidden):
    code = "may_not_own_contact_policies"
    message = _("Only directors and administrators change the contact policy.")


class PolicyNotDraft(Conflict):
    code = "policy_not_draft"
    message = _("This version is no draft any more, so it cannot change. Draft a new version.")


class NoRules(DomainError):
    code = "no_rules"
    message = _("A contact policy needs at least one rule.")


class RulesEqual(DomainError):
    code = "rules_equal"
    message = _("Rules %(first)s and %(second)s are for the same accounts: keep one of them.")


class CapacityOfOthers(Forbidden):
    code = "capacity_of_others"
    message = _("You may set the capacity of the people whom you lead.")


class MayNotPlan(Forbidden):
    code = "may_not_plan"
    message = _("Only a supervisor or above starts the planner.")
