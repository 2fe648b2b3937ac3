"""Questionnaires, campaigns, answers, closing the loop."""

from surveys.models.answers import Answer, Response, ResultCell, ResultHolder, TeamCell, VerbatimTag
from surveys.models.campaigns import AskedContact, Campaign, Invitation, LoopRule, SurveyMail, SurveyPolicy
from surveys.models.closing import FollowUp, FollowUpResponse
from surveys.models.earlier import EarlierImport
from surveys.models.questionnaires import Questionnaire, QuestionnaireVersion

__all__ = [
    "Answer",
    "AskedContact",
    "Campaign",
    "EarlierImport",
    "FollowUp",
    "FollowUpResponse",
    "Invitation",
    "LoopRule",
    "Questionnaire",
    "QuestionnaireVersion",
    "Response",
    "ResultCell",
    "ResultHolder",
    "SurveyMail",
    "SurveyPolicy",
    "TeamCell",
    "VerbatimTag",
]
