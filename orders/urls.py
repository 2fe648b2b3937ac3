"""URLs of the pages of orders."""

from django.urls import path

from orders.views import catalogue, orders

app_name = "orders"

urlpatterns = [
    path("", orders.order_list, name="order_list"),
    path("<int:pk>/", orders.order_detail, name="order_detail"),
    path("account/<int:account_pk>/", orders.account_panel, name="account_panel"),
    path("account/<int:account_pk>/chart/", orders.account_chart, name="account_chart"),
    path("products/", catalogue.product_list, name="product_list"),
    path("rates/", catalogue.rate_list, name="rate_list"),
]
