"""URLs of the pages of interactions, visits, the contact policy and coverage."""

from django.urls import path

from interactions.views import calendar, feeds, greetings, interactions, log, relationship_map, timeline, visits

app_name = "interactions"

urlpatterns = [
    path("", interactions.interaction_list, name="interaction_list"),
    path("<int:pk>/", interactions.interaction_detail, name="interaction_detail"),
    path("<int:pk>/delete/", interactions.interaction_delete, name="interaction_delete"),
    path("files/<int:pk>/", interactions.file_download, name="file_download"),
    path("files/<int:pk>/remove/", interactions.file_remove, name="file_remove"),
    path("accounts/<int:account_pk>/", timeline.account_panel, name="account_panel"),
    path("contacts/<int:contact_pk>/", timeline.contact_panel, name="contact_panel"),
    path("accounts/<int:account_pk>/map/", relationship_map.account_map, name="account_map"),
    path("accounts/<int:account_pk>/map/place/", relationship_map.map_place, name="map_place"),
    path("accounts/<int:account_pk>/map/superior/", relationship_map.map_superior, name="map_superior"),
    path("accounts/<int:account_pk>/map/lines/add/", relationship_map.map_line_add, name="map_line_add"),
    path("accounts/<int:account_pk>/map/lines/remove/", relationship_map.map_line_remove, name="map_line_remove"),
    path("accounts/<int:account_pk>/map/reset/", relationship_map.map_reset, name="map_reset"),
    path("greetings/", greetings.greeting_list, name="greeting_list"),
    path("greetings/<int:pk>/close/", greetings.greeting_close, name="greeting_close"),
    path("log/", log.interaction_log, name="interaction_log"),
    path("log/account/", log.log_account, name="log_account"),
    path("log/accounts/", log.log_search, name="log_search"),
    path("log/next/", log.log_next, name="log_next"),
    path("<int:pk>/edit/", log.interaction_update, name="interaction_update"),
    path("visits/", visits.visit_list, name="visit_list"),
    path("visits/new/", visits.visit_create, name="visit_create"),
    path("visits/calendar/", calendar.visit_calendar, name="visit_calendar"),
    path("visits/events/", calendar.visit_events, name="visit_events"),
    path("visits/route/", calendar.visit_route, name="visit_route"),
    path("visits/feed/", feeds.feed, name="feed"),
    path("visits/feed/new/", feeds.feed_create, name="feed_create"),
    path("visits/feed/revoke/", feeds.feed_revoke, name="feed_revoke"),
    path("visits/<int:pk>/", visits.visit_detail, name="visit_detail"),
    path("visits/<int:pk>/edit/", visits.visit_update, name="visit_update"),
    path("visits/<int:pk>/move/", visits.visit_move, name="visit_move"),
    path("visits/<int:pk>/drop/", calendar.visit_drop, name="visit_drop"),
    path("visits/<int:pk>/complete/", visits.visit_complete, name="visit_complete"),
    path("visits/<int:pk>/cancel/", visits.visit_cancel, name="visit_cancel"),
    path("visits/<int:pk>/invitation.ics", visits.visit_invitation, name="visit_invitation"),
]
