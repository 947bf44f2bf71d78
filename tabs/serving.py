"""What every address of the page's server has in common, beside Gradio's own."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=31536000, immutable"}
FRESH = {**HEADERS, "Cache-Control": "no-store"}


def logged_in(request: Request) -> bool:
    """As Gradio's own login check; its cookies are set by its login page."""
    app = request.app
    if app.auth is None:
        return True
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return any(request.cookies.get(name) in app.tokens for name in names)


def missing() -> Response:
    return JSONResponse({"error": "There is no such file"}, status_code=404)
