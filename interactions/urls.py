"""URLs of the pages of interactions, visits, the contact policy and coverage."""

from django.urls import path

from interactions.views import greetings, relationship_map

app_name = "interactions"

urlpatterns = [
    path("accounts/<int:account_pk>/map/", relationship_map.account_map, name="account_map"),
    path("accounts/<int:account_pk>/map/place/", relationship_map.map_place, name="map_place"),
    path("accounts/<int:account_pk>/map/superior/", relationship_map.map_superior, name="map_superior"),
    path("accounts/<int:account_pk>/map/lines/add/", relationship_map.map_line_add, name="map_line_add"),
    path("accounts/<int:account_pk>/map/lines/remove/", relationship_map.map_line_remove, name="map_line_remove"),
    path("accounts/<int:account_pk>/map/reset/", relationship_map.map_reset, name="map_reset"),
    path("greetings/", greetings.greeting_list, name="greeting_list"),
    path("greetings/<int:pk>/close/", greetings.greeting_close, name="greeting_close"),
]
