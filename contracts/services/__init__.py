"""Every write to contracts."""
