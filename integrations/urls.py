"""URLs of the integrations: API tokens, imports."""

from django.urls import path

from integrations.views import imports, tokens

app_name = "integrations"

urlpatterns = [
    path("tokens/", tokens.token_list, name="token_list"),
    path("tokens/new/", tokens.token_create, name="token_create"),
    path("tokens/<int:pk>/revoke/", tokens.token_revoke, name="token_revoke"),
    path("imports/", imports.import_list, name="import_list"),
    path("imports/new/", imports.import_upload, name="import_upload"),
    path("imports/<int:pk>/", imports.import_detail, name="import_detail"),
    path("imports/<int:pk>/mapping/", imports.import_mapping, name="import_mapping"),
    path("imports/<int:pk>/rejects/", imports.import_rejects, name="import_rejects"),
    path("imports/<int:pk>/cancel/", imports.import_cancel, name="import_cancel"),
    path("imports/<int:pk>/reopen/", imports.import_reopen, name="import_reopen"),
    path("profiles/", imports.profile_list, name="profile_list"),
    path("profiles/<int:pk>/delete/", imports.profile_delete, name="profile_delete"),
]
