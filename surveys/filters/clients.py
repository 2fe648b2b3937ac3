"""The pages' filters, with what only clients ask for beside them."""

from __future__ import annotations

from typing import ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from contacts.models import Contact
from surveys.choices import ResponseStatus
from surveys.filters.campaigns import CampaignListFilter, InvitationListFilter
from surveys.filters.responses import ResponseFilter
from surveys.models import Campaign


class CampaignFilter(CampaignListFilter):
    """`q` is part of the name, or of its pinyin."""

    anonymous = django_filters.BooleanFilter(label=_("anonymous"))


class InvitationFilter(InvitationListFilter):
    """`q` is part of the name of the account or the contact; `external_id` is the number that a client gave."""

    bar: ClassVar[tuple[str, ...]] = ("q", "campaign", "status", "asked_on")

    campaign = django_filters.ModelChoiceFilter(
        label=_("survey campaign"), queryset=Campaign.objects.defer("definition")
    )
    account = django_filters.ModelChoiceFilter(label=_("account"), queryset=Account.objects.all())
    contact = django_filters.ModelChoiceFilter(label=_("contact"), queryset=Contact.objects.all())
    external_id = django_filters.CharFilter(label=_("number elsewhere"), max_length=80)
    asked_on = django_filters.DateFromToRangeFilter(label=_("asked on"))


class ClientResponseFilter(ResponseFilter):
    """The page's filters; `status` and `external_id` beside them."""

    status = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("of an answer", "status"), choices=ResponseStatus.choices
    )
    external_id = django_filters.CharFilter(label=_("number elsewhere"), max_length=80)
