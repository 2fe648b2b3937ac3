"""JSON doors of the dashboards."""
