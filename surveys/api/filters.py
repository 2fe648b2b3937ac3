"""Filters that only clients use: campaigns, invitations and answers by what systems know of them."""

from __future__ import annotations

import django_filters
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Account
from contacts.models import Contact
from core.paging import Sort
from surveys.choices import CampaignStatus, InvitationStatus, ResponseStatus, Timing
from surveys.filters.responses import ResponseFilter
from surveys.models import Campaign, Invitation

CAMPAIGN_SORTS = {"start_date": Sort("start_date"), "name": Sort("name"), "id": Sort("pk")}
INVITATION_SORTS = {"id": Sort("pk")}


class CampaignFilter(django_filters.FilterSet):
    """`q` is part of the name."""

    q = django_filters.CharFilter(label=_("name"), field_name="name", lookup_expr="icontains", max_length=100)
    status = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("of a campaign", "status"), choices=CampaignStatus.choices
    )
    timing = django_filters.MultipleChoiceFilter(label=_("when"), choices=Timing.choices)
    anonymous = django_filters.BooleanFilter(label=_("anonymous"))

    class Meta:
        model = Campaign
        fields: list[str] = []


class InvitationFilter(django_filters.FilterSet):
    """Invitations of a campaign, an account or a contact; `external_id` is the number that a client gave."""

    campaign = django_filters.ModelChoiceFilter(
        label=_("survey campaign"), queryset=Campaign.objects.defer("definition")
    )
    account = django_filters.ModelChoiceFilter(label=_("account"), queryset=Account.objects.all())
    contact = django_filters.ModelChoiceFilter(label=_("contact"), queryset=Contact.objects.all())
    status = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("of an invitation", "status"), choices=InvitationStatus.choices
    )
    external_id = django_filters.CharFilter(label=_("number elsewhere"), max_length=80)
    asked_on = django_filters.DateFromToRangeFilter(label=_("asked on"))

    class Meta:
        model = Invitation
        fields: list[str] = []


class ClientResponseFilter(ResponseFilter):
    """The page's filters; `status` and `external_id` beside them."""

    status = django_filters.MultipleChoiceFilter(
        label=pgettext_lazy("of an answer", "status"), choices=ResponseStatus.choices
    )
    external_id = django_filters.CharFilter(label=_("number elsewhere"), max_length=80)
