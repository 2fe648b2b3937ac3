"""Columns of an account, for its own reports and for those of everything that belongs to an account."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import Category, HealthBand, Industry, MemberRole, Region, Size, Source, Stage, Status, Tier
from accounts.models import AccountMember
from core.reporting import Asked, Column, Kind, prefixed


def manager_columns(path: str, key: str = "manager", label: object = None) -> tuple[Column, ...]:
    """A user of ours and their team."""
    return (
        Column(
            key,
            label or _("Account manager"),  # type: ignore[arg-type]
            Kind.RELATION,
            path,
            url="users:user_detail",
        ),
        Column(
            "team" if key == "manager" else f"{key}_team",
            _("Team") if key == "manager" else _("Team of the person"),
            Kind.RELATION,
            f"{path}__team",
            english="name_en",
            url="users:team_detail",
        ),
    )


def account_columns(prefix: str = "account") -> tuple[Column, ...]:
    """What every report about accounts can be filtered and grouped by; `prefix` is the path from the row."""

    def at(name: str) -> str:
        return prefixed(prefix, name)

    own = Column(
        "account",
        _("Account"),
        Kind.RELATION,
        prefix or "id",
        english="name_en",
        url="accounts:account_detail",
    )
    return (
        own,
        Column("account_code", _("Account code"), Kind.TEXT, at("code"), groups=False),
        Column("tier", _("Tier"), Kind.CHOICE, at("tier"), choices=Tier.choices),
        *manager_columns(at("manager")),
        Column("status", _("Customer status"), Kind.CHOICE, at("status"), choices=Status.choices),
        Column("stage", _("Relationship stage"), Kind.CHOICE, at("stage"), choices=Stage.choices),
        Column("category", _("Category"), Kind.CHOICE, at("category"), choices=Category.choices),
        Column("industry", _("Industry"), Kind.CHOICE, at("industry"), choices=Industry.choices),
        Column("region", _("Region"), Kind.CHOICE, at("region"), choices=Region.choices),
        Column("city", _("City"), Kind.TEXT, at("city")),
        Column("size", _("Size"), Kind.CHOICE, at("size"), choices=Size.choices),
        Column("source", _("Source"), Kind.CHOICE, at("source"), choices=Source.choices),
        Column("health_band", _("Health band"), Kind.CHOICE, at("summary__health_band"), choices=HealthBand.choices),
    )


def has_member(role: MemberRole, asked: Asked) -> Exists:
    """Whether somebody has the role on the account's team today. For accounts."""
    members = AccountMember.objects.filter(account=OuterRef("pk"), role=role).order_by()
    return Exists(members.filter(Q(expires_on__isnull=True) | Q(expires_on__gte=asked.today)))


RESPONSIBILITY = (
    ("both", _("Neither deputy nor sponsor")),
    ("deputy", _("No deputy")),
    ("sponsor", _("No executive sponsor")),
    ("none", pgettext_lazy("responsibility", "Complete")),
)


def responsibility(asked: Asked) -> list[tuple[Q, str]]:
    """What is missing beside the manager: a deputy of A and B accounts, an executive sponsor of A accounts."""
    deputy, sponsor = has_member(MemberRole.DEPUTY, asked), has_member(MemberRole.EXECUTIVE_SPONSOR, asked)
    lacks_deputy, lacks_sponsor = Q(tier__in=(Tier.A, Tier.B)) & ~Q(deputy), Q(tier=Tier.A) & ~Q(sponsor)
    return [(lacks_deputy & lacks_sponsor, "both"), (lacks_deputy, "deputy"), (lacks_sponsor, "sponsor")]
