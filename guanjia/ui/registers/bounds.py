"""Uploads are bounded before they are read: a request that says it is too large is turned away."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

_SPARE = 1 << 20  # the form around the file
_narrower: dict[str, int] = {}


def narrow(path: str, bytes_max: int) -> None:
    """Bound what one address takes more strictly than the rest; called from an ``apps.py``."""
    _narrower[path] = bytes_max


def bytes_max_at(path: str) -> int:
    """The largest body taken at an address, without the form around the file."""
    return min(int(settings.UPLOAD_BYTES_MAX), _narrower.get(path, settings.UPLOAD_BYTES_MAX))


class BoundedUpload(FileUploadHandler):
    """First of ``FILE_UPLOAD_HANDLERS``: refuses by the declared length, passes the rest on.

    A body without a true length is cut by the server, and ``uploads.receive`` counts once more.
    """

    def handle_raw_input(self, _input: Any, meta: Any, content_length: int, *_: Any) -> None:
        """Raise ``RequestDataTooBig`` before a byte is stored."""
        if content_length > bytes_max_at(str(meta.get("PATH_INFO", ""))) + _SPARE:
            raise RequestDataTooBig

    def receive_data_chunk(self, raw_data: bytes, _start: int) -> bytes:
        """Leave the bytes to the next handler."""
        return raw_data

    def file_complete(self, _size: int) -> None:
        """Leave the file to the next handler."""
