"""Filters of campaigns and of invitations on their pages."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Tier
from accounts.filters import AboutAccounts
from core.forms import LookupSelect
from core.paging import Sort
from search.services import matching_ids
from surveys.choices import CampaignStatus, InvitationStatus, MailStatus, Timing
from surveys.models import Campaign, Invitation, SurveyMail
from users.models import User

CAMPAIGN_SORTS = {"name": Sort("name"), "start_date": Sort("start_date"), "id": Sort("pk")}
CAMPAIGN_DEFAULT_SORT = "-start_date"
INVITATION_SORTS = {"id": Sort("pk"), "account": Sort("account__name"), "expires_on": Sort("expires_on")}
INVITATION_DEFAULT_SORT = "-id"
NO_TIER = "none"


class CampaignListFilter(django_filters.FilterSet):
    """`q` is part of the name, or of its pinyin."""

    q = django_filters.CharFilter(label=_("Name"), method="search", max_length=100)
    status = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("of a campaign", "status"), choices=CampaignStatus.choices
    )
    timing = django_filters.ChoiceFilter(label=_("when"), choices=Timing.choices)
    owner = django_filters.ModelChoiceFilter(
        label=_("owner"), queryset=User.objects.order_by("name"), widget=LookupSelect("users:user_lookup")
    )

    class Meta:
        model = Campaign
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        by_name = models.Q(name__icontains=value)
        return queryset.filter(by_name | models.Q(pk__in=matching_ids("survey_campaign", value)))


class InvitationListFilter(AboutAccounts):
    """`q` is part of the name of the account or the contact."""

    bar: ClassVar[tuple[str, ...]] = ("q", "status", "mail", "tier", "manager")

    q = django_filters.CharFilter(label=_("account or contact"), method="search", max_length=100)
    status = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("of an invitation", "status"), choices=InvitationStatus.choices, distinct=False
    )
    mail = django_filters.MultipleChoiceFilter(label=_("mail"), choices=MailStatus.choices, method="with_mail")
    tier = django_filters.ChoiceFilter(
        label=_("tier"), choices=[*Tier.choices, (NO_TIER, _("No tier"))], method="in_tier"
    )
    manager = django_filters.ModelChoiceFilter(
        label=_("account manager"), queryset=User.objects.order_by("name"), widget=LookupSelect("users:user_lookup")
    )

    class Meta:
        model = Invitation
        fields: list[str] = []

    def search(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        names = ("account__name", "account__name_en", "contact__name", "contact__name_en")
        found = models.Q()
        for path in names:
            found |= models.Q(**{f"{path}__icontains": value})
        return queryset.filter(found)

    def with_mail(self, queryset: models.QuerySet[Any], name: str, value: list[str]) -> models.QuerySet[Any]:
        if not value:
            return queryset
        mails = SurveyMail.objects.order_by().filter(invitation=models.OuterRef("pk"), status__in=value)
        return queryset.filter(models.Exists(mails))

    def in_tier(self, queryset: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return queryset.filter(tier="" if value == NO_TIER else value)
