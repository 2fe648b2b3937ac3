"""HTML doors of the contacts."""
