"""Pages about users: everybody looks up colleagues, administrators manage them."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from audit.models import AuditEntry
from core.errors import DomainError
from core.forms import add_domain_error, scope_form
from core.http import UserRequest, panel, requires
from core.paging import Sort, bounded_count, keyset_page
from users import services
from users.duties import duties_of
from users.filters import DEFAULT_SORT, SORTS, UserFilter
from users.forms import UserForm
from users.models import User
from users.tasks import mail_password_link

HISTORY = 50


@require_GET
def user_list(request: UserRequest) -> HttpResponse:
    """Colleagues: those who are active, unless the filter asks for others; 50 a page."""
    people = UserFilter(request.GET, queryset=User.objects.visible_to(request.user).select_related("team"))
    scope_form(people.form, request.user)
    sort_key, sort = Sort.chosen(request.GET.get("sort", ""), SORTS, DEFAULT_SORT)
    context = {
        "filter": people,
        "page": keyset_page(people.qs.order_by(), sort, request.GET.get("cursor")),
        "count": bounded_count(people.qs),
        "sort_key": sort_key,
    }
    return render(request, panel(request, "users/user_list.html", "rows"), context)


@require_GET
def user_detail(request: UserRequest, pk: int) -> HttpResponse:
    """A colleague's contact data and team, and how many of the viewer's accounts they look after."""
    person = get_object_or_404(User.objects.visible_to(request.user).select_related("team"), pk=pk)
    context = {"person": person, "duties": duties_of(person, viewer=request.user)}
    if request.user.sees_everything:
        context["entries"] = AuditEntry.objects.of(person).with_names(request.user)[:HISTORY]
    return render(request, "users/user_detail.html", context)


@requires("is_administrator")
@require_http_methods(["GET", "POST"])
def user_create(request: UserRequest) -> HttpResponse:
    """Invite somebody: they get a link to choose a password, so nobody else ever knows it."""
    form = UserForm(request.POST or None)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        person = services.create_user(form.save(commit=False), actor=request.user)
        mail_password_link.delay_on_commit(person.pk, invited=True)
        messages.success(request, _("%(name)s was saved and is sent an invitation by e-mail.") % {"name": person})
        return redirect(person)
    return render(request, "users/user_form.html", {"form": form})


@requires("is_administrator")
@require_http_methods(["GET", "POST"])
def user_update(request: UserRequest, pk: int) -> HttpResponse:
    """Change a user."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    form = UserForm(request.POST or None, instance=person)
    scope_form(form, request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.update_user(form.save(commit=False), actor=request.user)
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("%(name)s was saved.") % {"name": person})
            return redirect(person)
    title = User.objects.visible_to(request.user).get(pk=pk)  # as it is stored: the form has changed `person`
    return render(request, "users/user_form.html", {"form": form, "person": title})


@requires("is_administrator")
@require_POST
def user_deactivate(request: UserRequest, pk: int) -> HttpResponse:
    """End a user's access."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    try:
        services.deactivate_user(person, actor=request.user, now=timezone.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(name)s can no longer log in.") % {"name": person})
    return redirect(person)


@requires("is_administrator")
@require_POST
def user_reactivate(request: UserRequest, pk: int) -> HttpResponse:
    """Give a deactivated user access again."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    services.reactivate_user(person, actor=request.user)
    messages.success(request, _("%(name)s can log in again.") % {"name": person})
    return redirect(person)


@requires("is_administrator")
@require_POST
def user_password_link(request: UserRequest, pk: int) -> HttpResponse:
    """Send a user a link to choose a new password."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    try:
        services.request_password_link(person, actor=request.user)
    except DomainError as error:
        messages.error(request, str(error))
    else:
        mail_password_link.delay_on_commit(person.pk, invited=person.last_login is None)
        messages.success(request, _("A link to choose a password goes to %(email)s.") % {"email": person.email})
    return redirect(person)
