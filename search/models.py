"""The one index table of the search."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SearchEntry(models.Model):
    """One row of any kind as the search sees it; written by `search.services` only.

    `text` is the normalised names, pinyin and codes, one a line, for the recheck; `tokens` are the pieces of
    `search.text`, separated by spaces. The migration puts an index on the tokens: GIN on PostgreSQL, FTS5 on SQLite.
    """

    kind = models.CharField(_("kind"), max_length=20)
    object_id = models.BigIntegerField(_("row"))
    title = models.CharField(_("title"), max_length=250)
    text = models.TextField()
    tokens = models.TextField()

    class Meta:
        verbose_name = _("search entry")
        verbose_name_plural = _("search entries")
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="search_entry_once")]

    def __str__(self) -> str:
        return self.title
