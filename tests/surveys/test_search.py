"""Campaigns and questionnaires are found by any part of their names, pinyin too."""

import datetime as dt

from search.services import find
from surveys.models import Campaign, Questionnaire
from surveys.services import campaigns, questionnaires
from tests.factories import TODAY
from tests.factories.surveys import VersionFactory


def found(user, text):
    return {group.index.kind: [hit.title for hit in group.hits] for group in find(user, text)}


def test_campaigns(alice, dora):
    version = VersionFactory(questionnaire__name="年度问卷")
    campaign = Campaign(
        name="华东大客户满意度", questionnaire_version=version, owner=dora, start_date=TODAY,
        end_date=TODAY + dt.timedelta(days=9),
    )  # fmt: skip
    campaigns.create_campaign(campaign, actor=dora)
    assert found(alice, "客户满意") == {"survey_campaign": ["华东大客户满意度"]}
    assert found(alice, "hddkh") == {"survey_campaign": ["华东大客户满意度"]}
    campaign.name = "华南回访"
    campaigns.update_campaign(campaign, actor=dora)
    assert found(alice, "客户满意") == {}
    assert found(alice, "华南") == {"survey_campaign": ["华南回访"]}
    campaigns.discard_campaign(campaign, actor=dora)
    assert found(alice, "华南") == {}


def test_questionnaires(alice, dora):
    questionnaire = Questionnaire(name="交付后回访", name_en="After a delivery")
    questionnaires.create_questionnaire(questionnaire, actor=dora)
    assert found(alice, "付后") == {"questionnaire": ["After a delivery"]}
    questionnaires.rename(questionnaire, name="投诉后回访", actor=dora)
    assert found(alice, "付后") == {}
    assert found(alice, "tousu") == {"questionnaire": ["投诉后回访"]}
