"""Every URL of the product."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required, login_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from core.api.docs import SchemaView, SwaggerView
from dashboards.views import cockpit
from interactions.views.feeds import calendar_feed
from kam import health
from surveys.views import public

urlpatterns: list[URLPattern | URLResolver] = [
    path("", cockpit.home, name="home"),
    path("accounts/", include("accounts.urls")),
    path("contacts/", include("contacts.urls")),
    path("interactions/", include("interactions.urls")),
    path("notifications/", include("notifications.urls")),
    path("dashboards/", include("dashboards.urls")),
    path("orders/", include("orders.urls")),
    path("contracts/", include("contracts.urls")),
    path("surveys/", include("surveys.urls")),
    path("health/", include("health.urls")),
    path("tiers/", include("tiers.urls")),
    path("approvals/", include("approvals.urls")),
    path("search/", include("search.urls")),
    path("people/", include("users.urls")),
    path("integrations/", include("integrations.urls")),
    path("audit/", include("audit.urls")),
    path("auth/", include("users.auth_urls")),
    path("api/v1/", include("kam.api_router")),
    path("api/docs/", login_required(SwaggerView.as_view(url_name="schema")), name="api_docs"),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("calendar/<str:token>.ics", calendar_feed, name="calendar_feed"),
    path("s/<str:token>", public.survey_answer, name="survey_answer"),
    path("s/<str:token>/unsubscribe", public.survey_unsubscribe, name="survey_unsubscribe"),
    path("healthz", login_not_required(health.healthz), name="healthz"),
    path("readyz", login_not_required(health.readyz), name="readyz"),
    # what has no head of its own asks for it here: PDFs, JSON
    path(
        "favicon.ico",
        login_not_required(RedirectView.as_view(url=f"{settings.STATIC_URL}build/favicon.svg")),
        name="favicon",
    ),
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("admin/", admin.site.urls),
]

handler400 = "core.api.handlers.bad_request"
handler403 = "core.api.handlers.permission_denied"
handler404 = "core.api.handlers.page_not_found"
handler500 = "core.api.handlers.server_error"
