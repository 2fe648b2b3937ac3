"""Filters of interactions, visits and what follows from them, the same on the page and in the API."""
