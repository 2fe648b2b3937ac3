"""Filters of interactions, visits and coverage."""

from interactions.filters.visits import VISIT_DEFAULT_SORT, VISIT_SORTS, VisitFilter, VisitListFilter

__all__ = ["VISIT_DEFAULT_SORT", "VISIT_SORTS", "VisitFilter", "VisitListFilter"]
