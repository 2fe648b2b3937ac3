"""Filters of interactions, visits and coverage."""

from interactions.filters.planning import GAP_DEFAULT_SORT, GAP_SORTS, PlanningGapFilter
from interactions.filters.visits import VISIT_DEFAULT_SORT, VISIT_SORTS, VisitFilter, VisitListFilter

__all__ = [
    "GAP_DEFAULT_SORT",
    "GAP_SORTS",
    "VISIT_DEFAULT_SORT",
    "VISIT_SORTS",
    "PlanningGapFilter",
    "VisitFilter",
    "VisitListFilter",
]
