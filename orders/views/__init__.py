"""HTML doors of the orders."""
