"""URLs of the account pages."""

from django.urls import path

from accounts.views import accounts, team, tiers

app_name = "accounts"

urlpatterns = [
    path("", accounts.account_list, name="account_list"),
    path("new/", accounts.account_create, name="account_create"),
    path("lookup/", accounts.account_lookup, name="account_lookup"),
    path("tier-effects/", tiers.tier_effects, name="tier_effects"),
    path("<int:pk>/", accounts.account_detail, name="account_detail"),
    path("<int:pk>/edit/", accounts.account_update, name="account_update"),
    path("<int:pk>/group/", accounts.account_group, name="account_group"),
    path("<int:pk>/history/", accounts.account_history, name="account_history"),
    path("<int:pk>/team/", team.account_team, name="account_team"),
    path("<int:pk>/team/assign/", team.account_assign, name="account_assign"),
    path("<int:pk>/team/new/", team.member_create, name="member_create"),
    path("team/<int:pk>/edit/", team.member_update, name="member_update"),
    path("team/<int:pk>/remove/", team.member_remove, name="member_remove"),
]
