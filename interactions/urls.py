"""URLs of the pages of interactions, visits, the contact policy and coverage."""

from django.urls import path

from interactions.views import greetings

app_name = "interactions"

urlpatterns = [
    path("greetings/", greetings.greeting_list, name="greeting_list"),
    path("greetings/<int:pk>/close/", greetings.greeting_close, name="greeting_close"),
]
