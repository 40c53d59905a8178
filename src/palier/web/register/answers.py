"""Answering with a file."""

from django.http import HttpResponse


def file(content: bytes, name: str, kind: str = "application/pdf", *, inline: bool = True) -> HttpResponse:
    """A file that no cache keeps (the middleware says so), shown or saved."""
    response = HttpResponse(content, content_type=kind)
    place = "inline" if inline else "attachment"
    response["Content-Disposition"] = f'{place}; filename="{name}"'
    return response
