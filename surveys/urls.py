"""Addresses of surveys below /surveys/."""

from django.urls import URLPattern, path

from surveys.views import account_panel, entry, follow_ups, loops, response_list, responses, results, verbatims

app_name = "surveys"
urlpatterns: list[URLPattern] = [
    path("follow-ups/", follow_ups.follow_up_list, name="follow_up_list"),
    path("follow-ups/rates/", loops.loop_rates_page, name="loop_rates"),
    path("follow-ups/<int:pk>/", follow_ups.follow_up_detail, name="follow_up_detail"),
    path("follow-ups/<int:pk>/contact/", follow_ups.follow_up_contact, name="follow_up_contact"),
    path("follow-ups/<int:pk>/close/", follow_ups.follow_up_close, name="follow_up_close"),
    path("follow-ups/<int:pk>/reopen/", follow_ups.follow_up_reopen, name="follow_up_reopen"),
    path("accounts/<int:account_pk>/", account_panel.account_panel, name="account_panel"),
    path("campaigns/<int:pk>/rules/", loops.loop_rules_update, name="loop_rules"),
    path("results/", results.results_list, name="results_list"),
    path("campaigns/<int:pk>/results/", results.results, name="results"),
    path("campaigns/<int:pk>/results/rate/", results.results_rate, name="results_rate"),
    path("campaigns/<int:pk>/results/export/", results.results_export, name="results_export"),
    path("campaigns/<int:pk>/results/summary.pdf", results.results_pdf, name="results_pdf"),
    path("campaigns/<int:pk>/comments/", verbatims.verbatims, name="verbatims"),
    path("comments/<int:pk>/tag/", verbatims.verbatim_tag, name="verbatim_tag"),
    path("questionnaires/<int:pk>/results/", results.questionnaire_results, name="questionnaire_results"),
    path("responses/", response_list.response_list, name="response_list"),
    path("responses/new/", entry.entry_create, name="entry_create"),
    path("responses/<int:pk>/", responses.response_detail, name="response_detail"),
]
