"""Files: what is kept, in which form, for whom, and when it goes."""

import contextlib
import datetime as dt
import io
import struct
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.urls import reverse
from PIL import Image

from audit.models import AuditEntry
from interactions import services
from interactions.errors import BadPhoto, FileEmpty, FileTooLarge, FileTypeRefused, TooManyParts
from interactions.models import Interaction, InteractionFile
from interactions.services.files import MAX_FILES, clean_name
from tests.factories.interactions import make_file, make_interaction
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def talk(account, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return make_interaction(account)


def picture(kind="JPEG", size=(60, 40), mode="RGB", **options):
    out = io.BytesIO()
    Image.new(mode, size, "red").save(out, kind, **options)
    return out.getvalue()


def attach(talk, name, content, **options):
    return services.attach_file(talk, SimpleUploadedFile(name, content), actor=talk.author, **options)


def liar(width, height):
    """A PNG whose head says that it is that large."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


class TestAttach:
    def test_keeps_name_size_and_kind(self, talk, tmp_path):
        row = attach(talk, "报价 单.PDF", b"%PDF-1.7 ...")
        assert (row.name, row.size, row.content_type) == ("报价 单.PDF", 12, "application/pdf")
        assert row.file.path.startswith(f"{tmp_path}/interactions/")
        assert "报价" not in row.file.path
        assert AuditEntry.objects.of(talk).get().changes == {"file": [None, "报价 单.PDF"]}

    def test_what_the_browser_says_it_is_does_not_count(self, talk):
        upload = SimpleUploadedFile("a.txt", b"<script>alert(1)</script>", content_type="text/html")
        assert services.attach_file(talk, upload, actor=None).content_type == "text/plain"

    @pytest.mark.parametrize(
        ("name", "content", "error"),
        [
            ("a.exe", b"MZ", FileTypeRefused),
            ("a.html", b"<p>", FileTypeRefused),
            ("a.svg", b"<svg/>", FileTypeRefused),
            ("noname", b"x", FileTypeRefused),
            ("a.pdf.js", b"x", FileTypeRefused),
            ("a.pdf", b"<html>", FileTypeRefused),
            ("a.docx", b"x", FileTypeRefused),
            ("a.txt", b"", FileEmpty),
        ],
    )
    def test_refuses(self, talk, name, content, error):
        with pytest.raises(error) as refusal:
            attach(talk, name, content)
        assert name in str(refusal.value)
        assert not InteractionFile.objects.exists()

    def test_the_size_is_a_setting(self, talk, settings):
        settings.MAX_FILE_MB = 1
        assert attach(talk, "a.txt", b"x" * 1024 * 1024)
        with pytest.raises(FileTooLarge) as refusal:
            attach(talk, "a.txt", b"x" * (1024 * 1024 + 1))
        assert "1.0\xa0MB" in str(refusal.value)

    def test_the_number_has_an_end(self, talk):
        for _ in range(MAX_FILES):
            make_file(talk)
        with pytest.raises(TooManyParts):
            attach(talk, "a.txt", b"x")

    def test_nothing_stays_on_the_disk_where_the_row_is_refused(self, talk, tmp_path):
        with pytest.raises(ValueError, match="unsaved"):
            services.attach_file(talk, SimpleUploadedFile("a.txt", b"x"), actor=User(username="new"))
        assert not [path for path in tmp_path.rglob("*") if path.is_file()]

    @pytest.mark.parametrize(
        ("name", "clean"),
        [
            ("../../etc/passwd.txt", "passwd.txt"),
            ("C:\\Users\\王\\报价.pdf", "报价.pdf"),
            ("a\u202efdp.exe.pdf", "afdp.exe.pdf"),
            ("a\x00b\n.txt", "ab.txt"),
            ('a<b>:"|?*.txt', "a_b______.txt"),
            ("...", "file"),
            ("", "file"),
            (".txt", "txt"),
            ("长" * 300 + ".txt", "长" * 156 + ".txt"),
            ("x" * 300, "x" * 160),
        ],
    )
    def test_names(self, name, clean):
        assert clean_name(name) == clean


class TestPhotos:
    def test_are_small_upright_and_say_nothing_of_the_camera(self, talk):
        exif = Image.Exif()
        exif[0x0112], exif[0x010F] = 6, "SpyCam"  # turned by 90 degrees
        exif.get_ifd(0x8825)[1] = "N"  # where it was taken
        row = attach(talk, "IMG_1.JPG", picture(size=(3000, 1500), exif=exif), is_photo=True)
        content = row.file.read()
        with Image.open(io.BytesIO(content)) as kept:
            assert kept.size == (1000, 2000)
            assert not kept.getexif()
        assert b"SpyCam" not in content
        assert row.is_photo
        assert row.size == len(content)

    @pytest.mark.parametrize(
        ("kind", "mode", "name"),
        [
            ("PNG", "RGBA", "a.png"),
            ("PNG", "P", "a.png"),
            ("PNG", "I;16", "a.png"),
            ("WEBP", "RGB", "a.webp"),
            ("JPEG", "CMYK", "a.jpg"),
        ],
    )
    def test_of_every_kind(self, talk, kind, mode, name):
        out = io.BytesIO()
        Image.new(mode, (30, 20)).save(out, kind)
        row = attach(talk, name, out.getvalue())
        with Image.open(row.file) as kept:
            assert (kept.format, kept.size) == (kind, (30, 20))

    def test_text_inside_a_picture_goes(self, talk):
        row = attach(talk, "a.jpg", picture(comment=b"<script>alert(1)</script>"))
        assert b"script" not in row.file.read()

    @pytest.mark.parametrize(
        "content",
        [
            b"no picture",
            b"",
            picture()[:200],
            picture("PNG")[:-60],
            b"GIF89a" + b"\0" * 100,
            liar(50_000, 50_000),
            liar(9_500, 9_500),
            liar(100, 100),
        ],
        ids=["text", "empty", "cut jpeg", "cut png", "gif", "bomb", "large", "short of pixels"],
    )
    def test_broken_ones_are_a_clear_error(self, talk, content):
        with pytest.raises((BadPhoto, FileEmpty)) as refusal:
            attach(talk, "bild.jpg", content, is_photo=True)
        assert refusal.value.field == "photo"
        assert "bild.jpg" in str(refusal.value)
        assert not InteractionFile.objects.exists()

    def test_a_broken_photo_keeps_nothing_of_the_interaction_and_names_the_field(self, account, alice):
        now = dt.datetime(2026, 3, 16, 3, tzinfo=dt.UTC)
        row = Interaction(account=account, kind="visit", occurred_at=now)
        photo = SimpleUploadedFile("p.jpg", b"broken")
        with pytest.raises(BadPhoto):
            services.log_interaction(row, actor=alice, now=now, photo=photo)
        assert not Interaction.objects.exists()
        good = SimpleUploadedFile("p.jpg", picture())
        assert services.log_interaction(row, actor=alice, now=now, photo=good).files.get().is_photo, "sent again"


class TestDownload:
    def test_is_an_attachment_that_browsers_do_not_interpret(self, talk, client_for, alice):
        row = make_file(talk, "报价.txt", b"<script>")
        answer = client_for(alice).get(reverse("interactions:file_download", args=[row.pk]))
        assert b"".join(answer.streaming_content) == b"<script>"
        assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Type"] == "text/plain"

    def test_is_not_found_for_others(self, talk, client_for, api_for, mallory, ann):
        row = make_file(talk)
        for method, url in (("get", "interactions:file_download"), ("post", "interactions:file_remove")):
            assert getattr(client_for(mallory), method)(reverse(url, args=[row.pk])).status_code == 404
        assert api_for(mallory).get(reverse("api:interaction-file-content", args=[row.pk])).status_code == 404
        assert client_for(ann).get(reverse("interactions:file_download", args=[row.pk])).status_code == 200
        assert client_for(ann).post(reverse("interactions:file_remove", args=[row.pk])).status_code == 403

    def test_is_not_found_where_the_disk_lost_it(self, talk, client_for, alice):
        row = make_file(talk)
        row.file.storage.delete(row.file.name)
        assert client_for(alice).get(reverse("interactions:file_download", args=[row.pk])).status_code == 404


class TestRemove:
    def test_the_file_goes_when_it_is_certain(self, talk, client_for, alice, django_capture_on_commit_callbacks):
        row = make_file(talk)
        with django_capture_on_commit_callbacks(execute=True):
            client_for(alice).post(reverse("interactions:file_remove", args=[row.pk]))
            assert row.file.storage.exists(row.file.name)
        assert not row.file.storage.exists(row.file.name)
        assert not InteractionFile.objects.exists()
        assert AuditEntry.objects.of(talk).get().action == "interaction.file_removed"

    def test_it_stays_where_the_deletion_fails(self, talk, alice):
        row = make_file(talk)
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            services.remove_file(row, actor=alice)
            raise ZeroDivisionError
        assert InteractionFile.objects.get().file.read() == b"12.50"
