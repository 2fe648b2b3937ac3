"""Every write to approvals."""
