"""What services of notifications refuse."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden


class MayNotOwnNotifications(Forbidden):
    code = "not_notification_owner"
    message = _("Only administrators decide how notifications are delivered.")


class NothingToSendAgain(Conflict):
    code = "nothing_to_send_again"
    message = _("Only dead letters and uncertain ones can be sent again.")


class NotYourTeam(Forbidden):
    code = "not_your_team"
    message = _("Robots of a team are set up by those who lead it.")


class TooManyRobots(DomainError):
    code = "too_many_robots"
    message = _("No more than %(most)d robots.")
