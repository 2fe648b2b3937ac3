"""The churn model: pure functions over purchase histories. Imports numpy, scipy, scikit-learn and core, no rows."""
