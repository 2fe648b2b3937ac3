"""The closed lists of an account's profile, in the field's words."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Status(models.TextChoices):
    PROSPECT = "prospect", _("Prospect")
    ACTIVE = "active", _("Active")
    INTERRUPTED = "interrupted", _("Interrupted")
    TERMINATED = "terminated", _("Terminated")


class Stage(models.TextChoices):
    GESTATION = "gestation", _("Gestation")
    EARLY = "early", _("Early")
    MID = "mid", _("Mid")
    STRATEGIC_PARTNER = "strategic_partner", _("Strategic partner")
    INTERRUPTED = "interrupted", _("Interrupted relationship")


class InterruptionReason(models.TextChoices):
    """Internal: contact changed, trust lost, quality, personal. External: insolvency, market shift."""

    CONTACT_CHANGED = "contact_changed", _("Internal: contact changed")
    TRUST_LOST = "trust_lost", _("Internal: trust lost")
    QUALITY = "quality", _("Internal: quality")
    PERSONAL = "personal", _("Internal: personal")
    INSOLVENCY = "insolvency", _("External: insolvency")
    MARKET_SHIFT = "market_shift", _("External: market shift")


class Category(models.TextChoices):
    HIGH_VALUE = "high_value", _("High-value")
    POTENTIAL = "potential", _("Potential")
    CORE = "core", _("Core")
    PARTNER = "partner", _("Important partner")


class Gap(models.TextChoices):
    """What is missing in the responsibility for an account."""

    NO_MANAGER = "no_manager", _("No account manager")
    MANAGER_LEFT = "manager_left", _("Account manager deactivated")
    NO_DEPUTY = "no_deputy", _("No deputy")
    NO_SPONSOR = "no_sponsor", _("No executive sponsor")


class HealthBand(models.TextChoices):
    """What a health score means; `health` computes it."""

    HEALTHY = "healthy", pgettext_lazy("health band", "Healthy")
    WATCH = "watch", pgettext_lazy("health band", "Watch")
    AT_RISK = "at_risk", pgettext_lazy("health band", "At risk")


class Tier(models.TextChoices):
    A = "A", "A"
    B = "B", "B"
    C = "C", "C"


class Size(models.TextChoices):
    """As China's National Bureau of Statistics classes enterprises."""

    LARGE = "large", _("Large")
    MEDIUM = "medium", _("Medium")
    SMALL = "small", _("Small")
    MICRO = "micro", _("Micro")


class Source(models.TextChoices):
    REFERRAL = "referral", _("Referral")
    EXHIBITION = "exhibition", _("Exhibition")
    WEBSITE = "website", _("Website")
    COLD_CALL = "cold_call", _("Cold call")
    PARTNER = "partner", _("Partner")
    TENDER = "tender", _("Tender")
    IMPORT = "import", _("Import")
    OTHER = "other", _("Other")


class Industry(models.TextChoices):
    """The sections of GB/T 4754-2017, Industrial classification for national economic activities."""

    AGRICULTURE = "A", _("Agriculture, forestry, animal husbandry, fishery")
    MINING = "B", _("Mining")
    MANUFACTURING = "C", _("Manufacturing")
    UTILITIES = "D", _("Electricity, heat, gas and water supply")
    CONSTRUCTION = "E", _("Construction")
    TRADE = "F", _("Wholesale and retail")
    TRANSPORT = "G", _("Transport, storage and post")
    HOSPITALITY = "H", _("Accommodation and catering")
    SOFTWARE = "I", _("Information transmission, software and IT services")
    FINANCE = "J", _("Finance")
    REAL_ESTATE = "K", _("Real estate")
    BUSINESS_SERVICES = "L", _("Leasing and business services")
    RESEARCH = "M", _("Scientific research and technical services")
    ENVIRONMENT = "N", _("Water, environment and public facilities")
    RESIDENT_SERVICES = "O", _("Resident services and repair")
    EDUCATION = "P", _("Education")
    HEALTH = "Q", _("Health and social work")
    CULTURE = "R", _("Culture, sports and entertainment")
    PUBLIC = "S", _("Public administration and social organisations")
    INTERNATIONAL = "T", _("International organisations")


class Region(models.TextChoices):
    """Sales regions: the seven geographical regions of China, and the world outside."""

    NORTH = "north", _("North China")
    NORTHEAST = "northeast", _("Northeast China")
    EAST = "east", _("East China")
    CENTRAL = "central", _("Central China")
    SOUTH = "south", _("South China")
    SOUTHWEST = "southwest", _("Southwest China")
    NORTHWEST = "northwest", _("Northwest China")
    HK_MO_TW = "hk_mo_tw", _("Hong Kong, Macao, Taiwan")
    ASIA_PACIFIC = "asia_pacific", _("Asia-Pacific")
    EUROPE = "europe", _("Europe")
    AMERICAS = "americas", _("Americas")
    MIDDLE_EAST_AFRICA = "mea", _("Middle East and Africa")


class MemberRole(models.TextChoices):
    DEPUTY = "deputy", _("Deputy")
    EXECUTIVE_SPONSOR = "executive_sponsor", _("Executive sponsor")
    LIAISON = "liaison", _("Department liaison")
    SPECIALIST = "specialist", _("Specialist")


class Right(models.TextChoices):
    READ = "read", pgettext_lazy("right", "Read")
    EDIT = "edit", pgettext_lazy("right", "Edit")


class TierSource(models.TextChoices):
    POLICY = "policy", _("Tier policy")
    OVERRIDE = "override", _("Manual override")
    IMPORT = "import", _("Import")
