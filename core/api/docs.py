"""The OpenAPI document and the page that shows it, for people who are logged in."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class SchemaView(SpectacularAPIView):
    """The OpenAPI 3.1 document."""


class SwaggerView(SpectacularSwaggerSplitView):
    """Swagger UI from our own static files."""
