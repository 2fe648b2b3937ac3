"""URLs of the integrations: API tokens, imports."""

from django.urls import path

from integrations.views import tokens

app_name = "integrations"

urlpatterns = [
    path("tokens/", tokens.token_list, name="token_list"),
    path("tokens/new/", tokens.token_create, name="token_create"),
    path("tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
]
