"""Which resources can be followed: those whose every write leaves an entry in the audit that names the row itself.

What is part of something comes with the whole: lines, versions and instalments with their contract, assignments and
tiers with their account, files with their interaction. What is computed (scores, coverage, summaries) is not followed.
"""

from __future__ import annotations

FOLLOWED = (
    "accounts", "members", "contacts", "employments", "contact-links", "interactions", "visits", "next-steps",
    "orders", "products", "product-lines", "exchange-rates", "contracts", "contract-documents", "receipts", "renewals",
    "survey-campaigns", "survey-invitations", "survey-responses", "survey-follow-ups", "tier-policies", "tier-runs",
    "tier-proposals", "health-alerts", "health-alert-rules", "health-profiles", "health-playbooks",
    "health-playbook-runs", "health-playbook-tasks", "approval-rules", "contact-policies", "calendar-days",
    "teams", "users",
)  # fmt: skip
