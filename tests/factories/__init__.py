"""Factories: one file per app. Dates count from TODAY, never from the clock."""

import datetime as dt

TODAY = dt.date(2026, 3, 16)
"""The day that all tests live in: a Monday, after two full years of orders in the fixtures."""
