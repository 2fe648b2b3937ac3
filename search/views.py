"""The page of results and the drop-down of the search box."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from search import services
from search.text import MAX_QUERY

ON_PAGE = 50
IN_BOX = 8


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Everything that `q` finds, by kind; with nothing to look for, what the user may want to go back to."""
    text = request.GET.get("q", "")[:MAX_QUERY]
    groups = services.find(request.user, text, ON_PAGE) if text.strip() else services.recent(request.user)
    return render(request, "search/search.html", {"text": text.strip(), "groups": groups})


@require_GET
def suggest(request: HttpRequest) -> HttpResponse:
    """The first results as the options of a list box, for the search box at the top of every page."""
    text = request.GET.get("q", "")[:MAX_QUERY]
    groups = services.find(request.user, text, IN_BOX) if text.strip() else services.recent(request.user, IN_BOX)
    return render(request, "search/suggest.html", {"text": text.strip(), "groups": groups})
