"""HTML doors of contracts."""
