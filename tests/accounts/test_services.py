"""Account services: what they do, what they refuse, what the audit says."""

from accounts.models import Account


class TestCast:
    def test_matrix(self, account, alice, ann, lee, dora, admin_user, mallory):
        def sees(user):
            return account in Account.objects.visible_to(user)

        def edits(user):
            return account in Account.objects.editable_by(user)

        assert [sees(u) for u in (alice, ann, lee, dora, admin_user, mallory)] == [True] * 5 + [False]
        assert [edits(u) for u in (alice, ann, lee, dora, admin_user, mallory)] == [True, False, True, True, True, False]
