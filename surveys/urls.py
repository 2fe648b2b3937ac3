"""Addresses of surveys below /surveys/."""

from django.urls import URLPattern, path

from surveys.views import follow_ups, loops

app_name = "surveys"
urlpatterns: list[URLPattern] = [
    path("follow-ups/", follow_ups.follow_up_list, name="follow_up_list"),
    path("follow-ups/rates/", loops.loop_rates_page, name="loop_rates"),
    path("follow-ups/<int:pk>/", follow_ups.follow_up_detail, name="follow_up_detail"),
    path("follow-ups/<int:pk>/contact/", follow_ups.follow_up_contact, name="follow_up_contact"),
    path("follow-ups/<int:pk>/close/", follow_ups.follow_up_close, name="follow_up_close"),
    path("follow-ups/<int:pk>/reopen/", follow_ups.follow_up_reopen, name="follow_up_reopen"),
    path("campaigns/<int:pk>/rules/", loops.loop_rules_update, name="loop_rules"),
]
