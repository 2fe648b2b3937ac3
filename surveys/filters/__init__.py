"""Filters of surveys."""
