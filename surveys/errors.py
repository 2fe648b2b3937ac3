"""What the rules of surveys refuse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, DomainError, Forbidden
from interactions.errors import ContactElsewhere as NeverThere
from surveys.answering import Fault
from surveys.checking import Problem


class TokenUnknown(DomainError):
    """Forged, mangled, or not of this installation: one answer for all of them."""

    code = "token_unknown"
    status = 404
    message = _("There is no survey behind this link.")


class LinkOver(DomainError):
    """The link takes no answer any more; `language` is that of whom it was for, `sender` who has asked."""

    language = sender = ""
    code = "link_over"
    status = 410
    message = _("This survey link is no longer in use.")


class LinkExpired(LinkOver):
    code = "link_expired"
    message = _("The time to answer this survey has passed.")


class CampaignOver(LinkOver):
    code = "campaign_ended"
    message = _("This survey has ended.")


class LinkWithdrawn(LinkOver):
    code = "link_withdrawn"
    message = _("This survey link is no longer in use.")


class AnswerFinal(LinkOver):
    code = "answer_final"
    message = _("This survey was answered already, and the answer can no longer be changed.")


class AnswerComplete(Conflict):
    """A part of an answer came in after the whole."""

    code = "answer_complete"
    message = _("This survey was answered already. To change something, send the whole answer again.")


class AnswersRefused(DomainError):
    """Some answers are not taken: `faults` by the question's key; `given` is everything as it stood."""

    code = "answers_refused"
    message = _("Some answers need another look.")

    def __init__(self, faults: Mapping[str, Fault], given: Mapping[str, Any]) -> None:
        super().__init__()
        self.faults = faults
        self.given = given


class CampaignNotStarted(Conflict):
    code = "campaign_not_started"
    message = _("The campaign has not started yet.")


class EntryAnonymous(DomainError):
    code = "entry_anonymous"
    message = _("In an anonymous campaign nobody enters answers for others: they would know whose they are.")


class AnsweredAlready(Conflict):
    code = "answered_already"
    message = _("This invitation was answered already.")


class EntryDateWrong(DomainError):
    code = "entry_date_wrong"
    message = _("The day of the answer lies between the start of the campaign and today.")


class EntrySourceWrong(DomainError):
    code = "entry_source_wrong"
    message = _("Say whether it was told by phone or written on paper.")


class ContactElsewhere(NeverThere):
    """The same as for an interaction, and with its code."""

    message = _("This person has never worked at this account.")


class FollowUpClosed(Conflict):
    code = "follow_up_closed"
    message = _("This follow-up is closed already.")


class FollowUpNotClosed(Conflict):
    code = "follow_up_open"
    message = _("Only a closed follow-up can be opened again.")


class AnotherFollowUp(Conflict):
    code = "another_follow_up"
    message = _("Later answers have opened another follow-up of this account and campaign: go on with that one.")


class NotContacted(DomainError):
    code = "not_contacted"
    message = _("Log your contact with the customer first.")


class FollowUpIncomplete(DomainError):
    code = "follow_up_incomplete"
    message = _("This is needed to close the follow-up.")


class OutcomeUnfit(DomainError):
    code = "outcome_unfit"
    message = _("This outcome does not fit the kind of the follow-up.")


class ActionTooLong(DomainError):
    code = "action_too_long"
    message = _("At most %(most)s characters are kept; these are %(count)s.")


class NoContact(DomainError):
    code = "no_contact"
    message = _("A note is no contact with the customer.")


class ContactTooEarly(DomainError):
    code = "contact_too_early"
    message = _("This happened before the customer answered, at %(moment)s.")


class RuleUnfit(DomainError):
    code = "rule_unfit"
    message = _("%(row)s: %(error)s")


class TooManyRules(DomainError):
    code = "too_many_rules"
    message = _("At most %(most)s rules are possible.")


class MayNotOwnSurveys(Forbidden):
    code = "not_survey_owner"
    message = _("Only directors and administrators change questionnaires, campaigns and the survey policy.")


class CampaignFixed(Conflict):
    code = "campaign_fixed"
    message = _("This cannot be changed any more once the campaign has started: %(fields)s.")


class CampaignWrongStatus(Conflict):
    code = "campaign_wrong_status"
    message = _("The campaign is “%(status)s”: this cannot be done with it now.")


class VersionNotPublished(Conflict):
    code = "version_not_published"
    message = _("Publish the questionnaire before you ask with it.")


class NobodyToAsk(Conflict):
    code = "audience_empty"
    message = _("Nobody would be asked: of %(count)s contacts in the audience none can be asked today.")


class CampaignTimeOver(DomainError):
    code = "campaign_time_over"
    message = _("The end of the campaign lies in the past.")


class TextsUnknown(DomainError):
    code = "texts_unknown"
    message = _("There is no text “%(name)s” of a mail.")


class AudienceUnknown(DomainError):
    code = "audience_unknown"
    message = _("There is no “%(value)s” to choose an audience by.")


class InvitationOver(Conflict):
    code = "invitation_over"
    message = _("This invitation is “%(status)s”: its link takes no answer any more.")


class MailNotUncertain(Conflict):
    code = "mail_not_uncertain"
    message = _(
        "A mail is sent again where nobody knows whether it was sent, or where it bounced and the address was "
        "corrected since."
    )


class QuestionnaireRefused(DomainError):
    """`problems`: everything that is wrong, each with its place."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(count=len(problems), first=problems[0].message)
        self.problems = list(problems)


class QuestionnaireMalformed(QuestionnaireRefused):
    """Not even a draft."""

    code = "questionnaire_malformed"
    message = _("This is not a questionnaire: %(first)s")


class QuestionnaireIncomplete(QuestionnaireRefused):
    code = "questionnaire_incomplete"
    message = _("The questionnaire is not ready to be published: %(first)s")


class VersionPublished(Conflict):
    code = "version_published"
    message = _("A published version never changes. Begin a new version instead.")


class DraftChanged(Conflict):
    code = "draft_changed"
    message = _("Somebody else has changed this draft meanwhile. What you have here was not saved.")


class DraftExists(Conflict):
    code = "draft_exists"
    message = _("Version %(number)s is at work already.")


class DraftInUse(Conflict):
    code = "draft_in_use"
    message = _("A campaign has been prepared with this draft.")


class OnlyVersion(Conflict):
    code = "only_version"
    message = _("This is the only version. Archive the questionnaire instead.")


class QuestionnaireArchived(Conflict):
    code = "questionnaire_archived"
    message = _("This questionnaire is archived. Take it back from the archive first.")


class TemplateUnknown(DomainError):
    code = "template_unknown"
    message = _("There is no such template.")


class TagEmpty(DomainError):
    code = "tag_empty"
    message = _("Write the tag.")


class TooManyTags(DomainError):
    code = "too_many_tags"
    message = _("At most %(most)s tags for one answer.")


class EarlierColumnsMissing(DomainError):
    """A file of earlier results lacks what every row needs; `columns` is what was recognised."""

    code = "columns_missing"
    message = _(
        "The file needs a column with the code of the account, one with the date, and one for a question at least: by "
        "its key or its words. No question may have two columns."
    )

    def __init__(self, columns: Any) -> None:
        super().__init__(field="file")
        self.columns = columns

    def __str__(self) -> str:
        """With the headings that say nothing, or the same twice: they are what somebody has to correct."""
        parts = [super().__str__()]
        if self.columns.twice:
            parts.append(_("Twice: %(headings)s.") % {"headings": _listed(self.columns.twice)})
        if self.columns.unknown:
            parts.append(_("Not recognised: %(headings)s.") % {"headings": _listed(self.columns.unknown)})
        return " ".join(str(part) for part in parts)


def _listed(headings: list[str]) -> str:
    """Some of them, each not at length."""
    return ", ".join(heading[:40] for heading in headings[:8]) + (" …" if len(headings) > 8 else "")


class EarlierNameTaken(Conflict):
    code = "name_taken"
    message = _("There is a campaign of that name already that these answers do not belong to.")


class EarlierNotOpen(Conflict):
    code = "earlier_import_not_open"
    message = _("This file is being written, or has been.")


class EarlierBadRows(DomainError):
    code = "earlier_bad_rows"
    message = _("%(bad)s rows are wrong. Correct them, or say that only the good ones are to be imported.")
