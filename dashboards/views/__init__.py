"""HTML doors of the dashboards."""
