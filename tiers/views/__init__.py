"""HTML doors of the tiers."""
