"""Products and exchange rates."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel, requires
from core.models import ExchangeRate
from core.paging import Sort, bounded_count, keyset_page
from orders import services
from orders.filters import PRODUCT_DEFAULT_SORT, PRODUCT_SORTS, ProductFilter
from orders.forms import RateForm
from orders.models import Product

RATES_SHOWN = 200


@require_GET
def product_list(request: UserRequest) -> HttpResponse:
    """The catalogue, as the ERP has it."""
    found = ProductFilter(request.GET, queryset=Product.objects.visible_to(request.user).select_related("line"))
    scope_form(found.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), PRODUCT_SORTS, PRODUCT_DEFAULT_SORT)
    context = {
        "filter": found,
        "page": keyset_page(found.qs, sort, request.GET.get("cursor")),
        "count": bounded_count(found.qs),
        "sort_key": sort_key,
    }
    return render(request, panel(request, "orders/product_list.html", "rows"), context)


@requires("owns_policies")
@require_http_methods(["GET", "POST"])
def rate_list(request: UserRequest) -> HttpResponse:
    """The dated exchange rates, and a form for another one."""
    form = RateForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            rate = services.set_exchange_rate(**form.cleaned_data, actor=request.user, today=timezone.localdate())
        except DomainError as error:
            add_domain_error(form, error)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("%(rate)s was saved; revenue is converted with it.") % {"rate": rate})
            return redirect("orders:rate_list")
    context = {
        "form": form,
        "rates": ExchangeRate.objects.all()[:RATES_SHOWN],
        "reporting_currency": settings.REPORTING_CURRENCY,
    }
    return render(request, "orders/rate_list.html", context)
