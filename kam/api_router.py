"""Every route of the REST API, version 1."""

from rest_framework.routers import SimpleRouter

router = SimpleRouter()

app_name = "api"
urlpatterns = router.urls
