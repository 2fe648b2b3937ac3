"""Scorecards (评估与考核): periods, the arithmetic of scores, and what the actual numbers are."""
