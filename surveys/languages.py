"""The language in which somebody is asked."""

from __future__ import annotations

from accounts.choices import Region
from core.workdays import HOME, country_code

SIMPLIFIED, TRADITIONAL, ENGLISH = "zh-hans", "zh-hant", "en"
_BY_COUNTRY = {"CN": SIMPLIFIED, "SG": ENGLISH, "HK": TRADITIONAL, "MO": TRADITIONAL, "TW": TRADITIONAL}
_ABROAD = {Region.ASIA_PACIFIC, Region.EUROPE, Region.AMERICAS, Region.MIDDLE_EAST_AFRICA}


def language_for(preferred: str, country: str, region: str) -> str:
    """What the person prefers; else the language of the account's country (or, without one, of its region): Chinese as
    it is written there, English everywhere else."""
    if preferred:
        return preferred
    if country.strip() and (code := country_code(country)) != HOME:
        return _BY_COUNTRY.get(code, ENGLISH)
    if country.strip():
        return SIMPLIFIED
    if region == Region.HK_MO_TW:
        return TRADITIONAL
    return ENGLISH if region in _ABROAD else SIMPLIFIED
