"""URLs of the integrations: API tokens, imports."""

from django.urls import path

from integrations.views import contact_imports, contract_imports, imports, tokens

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
    path("contacts/", contact_imports.contact_import_list, name="contact_import_list"),
    path("contacts/new/", contact_imports.contact_import_upload, name="contact_import_upload"),
    path("contacts/template/", contact_imports.contact_import_template, name="contact_import_template"),
    path("contacts/<int:pk>/", contact_imports.contact_import_detail, name="contact_import_detail"),
    path("contacts/<int:pk>/mapping/", contact_imports.contact_import_mapping, name="contact_import_mapping"),
    path("contacts/<int:pk>/rejects/", contact_imports.contact_import_rejects, name="contact_import_rejects"),
    path("contacts/<int:pk>/start/", contact_imports.contact_import_start, name="contact_import_start"),
    path("contacts/<int:pk>/cancel/", contact_imports.contact_import_cancel, name="contact_import_cancel"),
    path("contacts/<int:pk>/reopen/", contact_imports.contact_import_reopen, name="contact_import_reopen"),
    path("contracts/", contract_imports.contract_import_list, name="contract_import_list"),
    path("contracts/new/", contract_imports.contract_import_upload, name="contract_import_upload"),
    path("contracts/template/", contract_imports.contract_import_template, name="contract_import_template"),
    path("contracts/<int:pk>/", contract_imports.contract_import_detail, name="contract_import_detail"),
    path("contracts/<int:pk>/rows/", contract_imports.contract_import_rows, name="contract_import_rows"),
    path("contracts/<int:pk>/rejects/", contract_imports.contract_import_rejects, name="contract_import_rejects"),
    path("contracts/<int:pk>/check/", contract_imports.contract_import_check, name="contract_import_check"),
    path("contracts/<int:pk>/start/", contract_imports.contract_import_start, name="contract_import_start"),
    path("contracts/<int:pk>/cancel/", contract_imports.contract_import_cancel, name="contract_import_cancel"),
    path("contracts/<int:pk>/reopen/", contract_imports.contract_import_reopen, name="contract_import_reopen"),
    path("profiles/", imports.profile_list, name="profile_list"),
    path("profiles/<int:pk>/delete/", imports.profile_delete, name="profile_delete"),
]
