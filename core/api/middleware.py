"""What the API asks of the middleware."""

from django.http import HttpResponsePermanentRedirect
from django.middleware.common import CommonMiddleware


class MethodKeepingRedirect(HttpResponsePermanentRedirect):
    """308: the same request again at the other address."""

    status_code = 308


class SlashMiddleware(CommonMiddleware):
    """Django's own, but an address without its slash keeps method and body.

    After a 301 most clients send a GET: a POST would be answered with a list, and its order lost in silence.
    """

    response_redirect_class = MethodKeepingRedirect
