"""The OpenAPI document and the page that shows it, for people who are logged in."""

from __future__ import annotations

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response


class SchemaView(SpectacularAPIView):
    """The OpenAPI 3.1 document, as YAML or, with `Accept: application/vnd.oai.openapi+json`, as JSON."""

    def handle_exception(self, exc: Exception) -> Response:
        """Problems are JSON here too."""
        response = super().handle_exception(exc)
        self.request.accepted_renderer = JSONRenderer()
        return response


class SwaggerView(SpectacularSwaggerSplitView):
    """Swagger UI from our own static files: page and script apart, nothing inline, nothing from elsewhere."""

    template_name = "core/api_docs.html"
