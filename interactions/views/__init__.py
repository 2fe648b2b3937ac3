"""HTML doors of interactions, visits, the contact policy and coverage."""
