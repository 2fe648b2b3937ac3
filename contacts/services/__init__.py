"""Every write to contacts: one function per verb."""
