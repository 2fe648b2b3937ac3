"""The churn model: what is in use, how good it is, what was learnt before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_POST

from core.http import UserRequest, panel, requires
from core.paging import Sort, keyset_page
from health import tasks
from health.backtest_charts import calibration
from health.models import ChurnModel
from health.services.predicting import refusal_of
from health.services.training import WAITING, ask_training
from health.verdicts import verdict_words

SHOWN = ("model", "rule", "model_against_before", "before")


@dataclass(frozen=True)
class Measured:
    """A row of the table of measures."""

    name: str
    label: str
    pooled: dict[str, Any]


@require_GET
def model_list(request: UserRequest) -> HttpResponse:
    """What is in use, and every training, newest first."""
    models = ChurnModel.objects.visible_to(request.user).defer("document")
    page = keyset_page(
        models.exclude(verdict__in=WAITING).order_by(), Sort("pk", descending=True), request.GET.get("cursor")
    )
    context: dict[str, Any] = {
        "page": page,
        "rows": [(row, verdict_words(row.verdict)) for row in page],
        "in_use": models.filter(in_use=True).first(),
        "waiting": models.filter(verdict__in=WAITING).first(),
        "refusal": refusal_of(ChurnModel.objects.visible_to(request.user).filter(in_use=True).first()),
    }
    if context["in_use"]:
        context |= _details(context["in_use"])
    return render(request, panel(request, "health/model_list.html", "rows"), context)


@require_GET
def model_detail(request: UserRequest, pk: int) -> HttpResponse:
    """One training: from which orders, how good on months that it had not seen, and whether it was kept."""
    row = get_object_or_404(ChurnModel.objects.visible_to(request.user).defer("document"), pk=pk)
    return render(request, "health/model_detail.html", {"model": row, **_details(row)})


@requires("owns_policies")
@require_POST
def model_train(request: UserRequest) -> HttpResponse:
    """Have it learnt anew, by a worker."""
    now = timezone.now()
    row = ask_training(timezone.localdate(now), now, actor=request.user)
    tasks.train_model.delay_on_commit(row.pk)
    messages.success(request, _("A worker learns the model anew; this takes some minutes."))
    return redirect("health:model_list")


def _details(row: ChurnModel) -> dict[str, Any]:
    """The measures of a training, as the page shows them."""
    labels = {
        "model": pgettext("churn model", "This model"),
        "rule": pgettext("churn model", "Plain rule"),
        "model_against_before": pgettext("churn model", "This model, months unseen by the one before"),
        "before": pgettext("churn model", "The model before, same months"),
    }
    found = [(name, row.measures.get(name) or {}) for name in SHOWN]
    measured = [Measured(name, labels[name], each["pooled"]) for name, each in found if each.get("pooled")]
    curve = measured[0].pooled.get("curve") if measured else None
    return {
        "verdict": verdict_words(row.verdict),
        "measured": measured,
        "months": (row.measures.get("model") or {}).get("snapshots", []),
        "curve": curve,
        "chart": calibration([(measured[0].label, curve)]) if curve else None,
    }
