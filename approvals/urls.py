"""URLs of approvals and their rules."""

from django.urls import path

from approvals.views import requests, rules

app_name = "approvals"
urlpatterns = [
    path("", requests.request_list, {"tab": requests.DECIDE}, name="request_list"),
    path("asked/", requests.request_list, {"tab": requests.ASKED}, name="request_asked"),
    path("decided/", requests.request_list, {"tab": requests.DECIDED}, name="request_decided"),
    path("all/", requests.request_list, {"tab": requests.ALL}, name="request_all"),
    path("<int:pk>/", requests.request_detail, name="request_detail"),
    path("<int:pk>/decide/", requests.request_decide, name="request_decide"),
    path("<int:pk>/comment/", requests.request_comment, name="request_comment"),
    path("<int:pk>/withdraw/", requests.request_withdraw, name="request_withdraw"),
    path("rules/", rules.rule_list, name="rule_list"),
    path("rules/new/", rules.rule_create, name="rule_create"),
    path("rules/<int:pk>/edit/", rules.rule_update, name="rule_update"),
    path("rules/<int:pk>/delete/", rules.rule_delete, name="rule_delete"),
]
