"""Login: allauth's view, with the status that a lockout deserves."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.account.views import LoginView as AllauthLoginView
from django.forms import BaseForm
from django.http import HttpResponse


class LoginView(AllauthLoginView):
    def form_invalid(self, form: BaseForm) -> HttpResponse:
        response: Any = super().form_invalid(form)
        if form.has_error("__all__", "too_many_login_attempts"):
            response.status_code = HTTPStatus.TOO_MANY_REQUESTS
        return response


login = LoginView.as_view()
