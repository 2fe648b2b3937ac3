"""Django's admin: a window for administrators, nothing else."""

import pytest
from django.contrib import admin

from core.admin import ReadOnlyAdmin

OURS = ("core.", "audit.", "users.", "accounts.", "orders.", "tiers.", "integrations.", "search.")


def our_admins():
    return [a for m, a in admin.site._registry.items() if m._meta.label.startswith(OURS)]


class TestAdmin:
    @pytest.mark.parametrize("who", ["alice", "lee", "dora"])
    def test_is_closed_to_others(self, request, client_for, who):
        client = client_for(request.getfixturevalue(who))
        assert client.get("/admin/login/").status_code == 403
        assert client.get("/admin/users/user/").status_code in (302, 403)

    def test_opens_to_administrators_by_role_whatever_the_flags_say(self, client_for, root):
        root.is_staff = root.is_superuser = False
        root.save()
        assert client_for(root).get("/admin/").status_code == 200

    def test_every_model_of_ours_is_read_only(self):
        assert len(our_admins()) >= 3
        assert [a for a in our_admins() if not isinstance(a, ReadOnlyAdmin)] == []

    def test_every_list_opens(self, client_for, root, account):
        client = client_for(root)
        for model_admin in our_admins():
            meta = model_admin.model._meta
            url = f"/admin/{meta.app_label}/{meta.model_name}/"
            assert client.get(url, {"q": "1"}).status_code == 200, url
            assert client.get(f"{url}add/").status_code == 403, url

    def test_a_row_shows_but_does_not_change(self, client_for, root, alice):
        client = client_for(root)
        url = f"/admin/users/user/{alice.pk}/change/"
        response = client.get(url)
        assert response.status_code == 200
        assert alice.password not in response.text
        assert client.post(url, {"name": "X"}).status_code == 403
        assert client.post(f"/admin/users/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 403

    def test_password_change_is_ours(self, client_for, root):
        assert client_for(root).get("/admin/password_change/").url == "/auth/password/change/"
