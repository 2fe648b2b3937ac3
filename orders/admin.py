"""Orders in Django's admin."""

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from orders.models import ImportProfile, MonthlyRevenue, Order, OrderLine, Product, ProductLine


@admin.register(ProductLine)
class ProductLineAdmin(ReadOnlyAdmin):
    list_display = ["code", "name", "name_en"]
    search_fields = ["code", "name"]


@admin.register(Product)
class ProductAdmin(ReadOnlyAdmin):
    list_display = ["code", "name", "line"]
    list_select_related = ["line"]
    search_fields = ["code__startswith", "name__startswith"]


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
    list_display = ["source", "external_id", "account", "order_date", "kind", "total_amount", "currency"]
    list_select_related = ["account"]
    search_fields = ["=external_id", "=account__code"]


@admin.register(OrderLine)
class OrderLineAdmin(ReadOnlyAdmin):
    list_display = ["order", "position", "product", "quantity", "amount"]
    list_select_related = ["order", "product"]
    search_fields = ["=order__external_id"]


@admin.register(MonthlyRevenue)
class MonthlyRevenueAdmin(ReadOnlyAdmin):
    list_display = ["account", "month", "product_line", "currency", "net_amount", "reporting_amount"]
    list_select_related = ["account", "product_line"]
    search_fields = ["=account__code"]


@admin.register(ImportProfile)
class ImportProfileAdmin(ReadOnlyAdmin):
    list_display = ["name", "updated_at"]
    search_fields = ["name"]
