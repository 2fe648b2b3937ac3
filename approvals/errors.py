"""What the approval services refuse."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden


class AlreadyAsked(Conflict):
    code = "approval_pending"
    message = _("This is in approval already. Withdraw that request first, or wait for its end.")


class NobodyToAsk(Conflict):
    code = "nobody_to_ask"
    message = _("There is nobody who could approve this: no other director or administrator is active.")


class ApprovalClosed(Conflict):
    code = "approval_closed"
    message = _("This has been decided already: %(status)s.")


class StepDecided(Conflict):
    code = "step_decided"
    message = _("Your part of this has been decided already, by you or by somebody else.")


class StepMoved(Conflict):
    code = "step_moved"
    message = _("Somebody was quicker: the approval is at another step now. Look at it again, then decide.")


class NotAsked(Forbidden):
    code = "not_asked"
    message = _("You are not asked to decide this now.")


class OwnRequest(Forbidden):
    code = "own_request"
    message = _("Nobody decides on what they have asked for themselves.")


class NotRequester(Forbidden):
    code = "not_requester"
    message = _("Only the person who asked withdraws a request.")


class MayNotSee(Forbidden):
    code = "may_not_see_approval"
    message = _("You may comment only on approvals that you see.")


class CommentMissing(DomainError):
    code = "comment_missing"
    message = _("Say in a comment what should be different.")


class TextMissing(DomainError):
    code = "text_missing"
    message = _("Write what you want to say.")


class CommentTooLong(DomainError):
    code = "comment_too_long"
    message = _("A comment has at most %(limit)s characters.")


class MayNotOwnRules(Forbidden):
    code = "may_not_own_approval_rules"
    message = _("Only directors and administrators change approval rules.")


class StepsMissing(DomainError):
    code = "steps_missing"
    message = _("A rule needs at least one step.")


class TooManySteps(DomainError):
    code = "too_many_steps"
    message = _("A rule has at most %(limit)s steps.")


class PeopleMissing(DomainError):
    code = "people_missing"
    message = _("Step %(number)s asks named persons: name at least one, each an active user.")


class CodesWrong(DomainError):
    code = "codes_wrong"
    message = _("Tiers and kinds are lists of codes.")
