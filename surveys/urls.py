"""Addresses of surveys below /surveys/."""

from django.urls import URLPattern, path

from surveys.views import (
    account_panel,
    builder,
    earlier,
    entry,
    follow_ups,
    loops,
    questionnaires,
    response_list,
    responses,
    results,
    verbatims,
)

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
    path("questionnaires/", questionnaires.questionnaire_list, name="questionnaire_list"),
    path("questionnaires/new/", questionnaires.questionnaire_create, name="questionnaire_create"),
    path("questionnaires/<int:pk>/", questionnaires.questionnaire_detail, name="questionnaire_detail"),
    path("questionnaires/<int:pk>/rename/", questionnaires.questionnaire_rename, name="questionnaire_rename"),
    path("questionnaires/<int:pk>/archive/", questionnaires.questionnaire_archive, name="questionnaire_archive"),
    path("questionnaires/<int:pk>/draft/", questionnaires.questionnaire_draft, name="questionnaire_draft"),
    path("questionnaires/versions/<int:pk>/edit/", builder.questionnaire_edit, name="questionnaire_edit"),
    path("questionnaires/versions/<int:pk>/preview/", builder.questionnaire_preview, name="questionnaire_preview"),
    path(
        "questionnaires/versions/<int:pk>/publish/", questionnaires.questionnaire_publish, name="questionnaire_publish"
    ),
    path(
        "questionnaires/versions/<int:pk>/discard/", questionnaires.questionnaire_discard, name="questionnaire_discard"
    ),
    path("questionnaires/<int:pk>/results/", results.questionnaire_results, name="questionnaire_results"),
    path("responses/", response_list.response_list, name="response_list"),
    path("responses/new/", entry.entry_create, name="entry_create"),
    path("responses/<int:pk>/", responses.response_detail, name="response_detail"),
    path("earlier/", earlier.earlier_list, name="earlier_list"),
    path("earlier/new/", earlier.earlier_create, name="earlier_create"),
    path("earlier/template/<int:pk>/", earlier.earlier_template, name="earlier_template"),
    path("earlier/<int:pk>/", earlier.earlier_detail, name="earlier_detail"),
    path("earlier/<int:pk>/start/", earlier.earlier_start, name="earlier_start"),
    path("earlier/<int:pk>/rejects/", earlier.earlier_rejects, name="earlier_rejects"),
]
