"""What the user and team services refuse."""

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden


class NotAdministrator(Forbidden):
    code = "not_administrator"
    message = _("Only administrators manage users and teams.")


class LastAdministrator(Conflict):
    code = "last_administrator"
    message = _("This is the last active administrator. Make somebody else an administrator first.")


class OwnAccess(Conflict):
    code = "own_access"
    message = _("You cannot deactivate yourself. Ask another administrator.")


class OpenDuties(Conflict):
    code = "open_duties"
    message = _("%(name)s still is %(duties)s. Hand that over to somebody else first, then deactivate.")


class UserInactive(Conflict):
    code = "user_inactive"
    message = _("This user is deactivated. Reactivate them first.")


class TeamCycle(DomainError):
    code = "team_cycle"
    message = _("This parent is below the team itself: a team cannot contain itself.")


class TeamTooDeep(DomainError):
    code = "team_too_deep"
    message = _("Teams can be nested %(limit)s levels deep, no deeper.")


class TeamNotEmpty(Conflict):
    code = "team_not_empty"
    message = _("This team still has %(members)s members and %(teams)s teams below it. Move them first.")


class TeamInUse(Conflict):
    code = "team_in_use"
    message = _("Other records still point at this team, so it cannot be deleted.")


class LeaveOfOthers(Forbidden):
    code = "leave_of_others"
    message = _("You may enter your own leave and that of the people whom you lead.")


class LeaveOverlaps(Conflict):
    code = "leave_overlaps"
    message = _("These days overlap with the leave from %(first)s to %(last)s. Change that one instead.")


class LeaveTooLong(DomainError):
    code = "leave_too_long"
    message = _("An absence is at most %(days)s days long. Please check the dates.")


class StandInOneself(DomainError):
    code = "stand_in_oneself"
    message = _("Nobody stands in for themselves. Name a colleague, or leave it empty.")


class StandInInactive(DomainError):
    code = "stand_in_inactive"
    message = _("This user is deactivated and cannot stand in. Name another colleague.")


class CalendarForAdministrators(Forbidden):
    code = "calendar_for_administrators"
    message = _("Only administrators change the working calendar.")


class CalendarYearUnknown(DomainError):
    code = "calendar_year_unknown"
    message = _("Choose a country by its two-letter code, and a year from %(first)s to %(last)s.")


class CalendarDayOutside(DomainError):
    code = "calendar_day_outside"
    message = _("%(day)s is not in %(year)s.")


class CalendarLinesWrong(DomainError):
    """`lines` has one sentence for each line at fault."""

    code = "calendar_lines_wrong"
    message = _("Nothing was saved. Please correct these lines:")

    def __init__(self, lines: list[str]) -> None:
        super().__init__(field="text")
        self.lines = lines
