"""The company over time: months, cohorts, tiers, regions, product lines, losses. Arithmetic and sets."""
