"""Signals: pure functions over facts of the floors below, each with value, bound, date, direction and weight."""

from health.signals import buying, contact, contracts, relationship, satisfaction
from health.signals.base import AT_BOUND, Reading, Signal, Unit
from health.signals.registry import all_signals, find, register, unregister

register(*buying.SIGNALS, *contact.SIGNALS, *satisfaction.SIGNALS, *contracts.SIGNALS, *relationship.SIGNALS)

__all__ = ["AT_BOUND", "Reading", "Signal", "Unit", "all_signals", "find", "register", "unregister"]
