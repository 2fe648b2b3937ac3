"""Forms of surveys."""
