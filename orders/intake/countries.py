"""Country names in files to sales regions; what is not listed stays without a region."""

import tomllib
from pathlib import Path

from accounts.choices import Region

_LIST = Path(__file__).with_name("countries.toml")
_REGIONS = {
    name: Region(region) for region, names in tomllib.loads(_LIST.read_text(encoding="utf-8")).items() for name in names
}


def region_of(country: str) -> str:
    """The sales region of a country's name or ISO code; "" where it does not decide (China has seven regions)."""
    return _REGIONS.get(country.strip().casefold(), "")
