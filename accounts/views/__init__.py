"""HTML doors of the accounts."""
