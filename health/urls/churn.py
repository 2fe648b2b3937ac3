"""The churn model and backtests."""

from __future__ import annotations

from django.urls import URLPattern, path

from health.views import backtests, models

urlpatterns: list[URLPattern] = [
    path("models/", models.model_list, name="model_list"),
    path("models/train/", models.model_train, name="model_train"),
    path("models/<int:pk>/", models.model_detail, name="model_detail"),
    path("backtests/", backtests.backtest_list, name="backtest_list"),
    path("backtests/new/", backtests.backtest_create, name="backtest_create"),
    path("backtests/<int:pk>/", backtests.backtest_detail, name="backtest_detail"),
    path("backtests/<int:pk>/rows/", backtests.backtest_rows, name="backtest_rows"),
]
