"""A file as an answer: to save as a page, its content as text in the twin."""

from __future__ import annotations

import base64

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from debulk.web.pages import wants_json


def file_answer(request: Request, name: str, content: str | bytes, kind: str) -> Response:
    """The file under its name; for the twin its name, type and content.

    Parameters
    ----------
    request : Request
    name : str
        Of the file.
    content : str or bytes
        Bytes stand in the twin as base64.
    kind : str
        Media type.
    """
    if not wants_json(request):
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=kind, headers=headers)
    if isinstance(content, str):
        return JSONResponse({"file": name, "type": kind, "text": content})
    return JSONResponse({"file": name, "type": kind, "base64": base64.b64encode(content).decode()})
