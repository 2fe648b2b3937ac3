"""Every write of the dashboards."""
