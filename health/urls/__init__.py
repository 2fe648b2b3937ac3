"""The pages of health, by noun."""

from health.urls import alerts, churn, playbooks, scores

app_name = "health"
urlpatterns = [*alerts.urlpatterns, *scores.urlpatterns, *playbooks.urlpatterns, *churn.urlpatterns]
