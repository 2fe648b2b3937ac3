"""The demo company: believable, invented, the same for the same seed, at any size."""
