"""Every route of the REST API, version 1."""

from rest_framework.routers import SimpleRouter

from accounts.api import views as accounts
from users.api import views as users

router = SimpleRouter(use_regex_path=False)
router.register("accounts", accounts.AccountViewSet, "account")
router.register("assignments", accounts.AssignmentViewSet, "assignment")
router.register("members", accounts.MemberViewSet, "member")
router.register("tier-history", accounts.TierHistoryViewSet, "tier-history")
router.register("teams", users.TeamViewSet, "team")
router.register("users", users.UserViewSet, "user")

app_name = "api"
urlpatterns = router.urls
