"""The words for what came of a training."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from health.churn import choosing, training

VERDICTS: dict[str, str | Promise] = {
    "asked": pgettext_lazy("churn model", "Waiting for a worker."),
    "training": pgettext_lazy("churn model", "Being learnt."),
    choosing.FIRST: pgettext_lazy("churn model", "In use: it beats the plain rule on months that it has not seen."),
    choosing.BETTER: pgettext_lazy(
        "churn model", "In use: it beats the plain rule and the model before on months that neither has seen."
    ),
    choosing.REFRESHED: pgettext_lazy(
        "churn model",
        "In use: it beats the plain rule. No month is over yet that the model before has not seen, to compare the two.",
    ),
    choosing.WORSE_THAN_RULE: pgettext_lazy(
        "churn model", "Not used: on the latest months it was no better than the plain rule."
    ),
    choosing.WORSE_THAN_BEFORE: pgettext_lazy(
        "churn model", "Not used: on the latest months it was no better than the model before, which stays in use."
    ),
    choosing.NOT_JUDGED: pgettext_lazy(
        "churn model", "Not used: there are no months yet on which it could be judged. The plain rule is used."
    ),
    training.SHORT_HISTORY: pgettext_lazy(
        "churn model", "Nothing learnt: the orders do not reach back far enough. The plain rule is used."
    ),
    training.FEW_ACCOUNTS: pgettext_lazy(
        "churn model", "Nothing learnt: too few accounts order regularly. The plain rule is used."
    ),
    training.NO_CHURN: pgettext_lazy(
        "churn model", "Nothing learnt: hardly any account has stopped ordering so far. The plain rule is used."
    ),
    training.ALL_CHURN: pgettext_lazy(
        "churn model", "Nothing learnt: hardly any account has gone on ordering. The plain rule is used."
    ),
}


def verdict_words(code: str) -> str:
    """The sentence for a verdict; an unknown one shows as it is."""
    return str(VERDICTS.get(code, code))
