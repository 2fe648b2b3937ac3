"""URLs of the contact pages."""

from django.urls import path

from contacts.views import employments, merging, people, privacy

app_name = "contacts"

urlpatterns = [
    path("", people.contact_list, name="contact_list"),
    path("new/", people.contact_create, name="contact_create"),
    path("duplicates/", people.contact_duplicates, name="contact_duplicates"),
    path("<int:pk>/", people.contact_detail, name="contact_detail"),
    path("<int:pk>/edit/", people.contact_update, name="contact_update"),
    path("<int:pk>/merge/", merging.contact_merge, name="contact_merge"),
    path("<int:pk>/vcard/", privacy.contact_vcard, name="contact_vcard"),
    path("<int:pk>/erase/", privacy.contact_erase, name="contact_erase"),
    path("<int:pk>/data/", privacy.contact_data, name="contact_data"),
    path("<int:pk>/employments/new/", employments.employment_create, name="employment_create"),
    path("employments/<int:pk>/edit/", employments.employment_update, name="employment_update"),
    path("employments/<int:pk>/end/", employments.employment_end, name="employment_end"),
    path("employments/<int:pk>/move/", employments.contact_move, name="contact_move"),
    path("relationships/<int:pk>/", employments.relationship_handover, name="relationship_handover"),
    path("accounts/<int:account_pk>/", employments.account_panel, name="account_panel"),
    path("accounts/<int:account_pk>/vcards/", privacy.account_vcards, name="account_vcards"),
]
