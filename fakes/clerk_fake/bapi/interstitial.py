"""``/v1/public/interstitial``: the page that finds out in the browser who is signed in.

Clerk's page loads its script from the instance's Frontend API. So does this one by its markup, but
its headers forbid that anything is loaded from anywhere.
"""

import base64
import binascii
import html
from typing import Final

from clerk_fake.errors import ApiError
from clerk_fake.http.query import Query
from clerk_fake.http.request import Request
from clerk_fake.http.response import Response, html_response
from clerk_fake.http.router import Handler, Route

__all__ = ["ROUTES"]

SCRIPT: Final = "npm/@clerk/clerk-js@5/dist/clerk.browser.js"
PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Checking who is signed in</title>
</head>
<body>
<script async crossorigin="anonymous" {attributes}></script>
</body>
</html>
"""


def _page(request: Request) -> Response:
    query = request.query()
    query.boolean("use_domain_for_script")
    attributes = {
        "data-clerk-frontend-api": _frontend_api(query),
        "data-clerk-publishable-key": query.text("publishable_key"),
        "data-clerk-proxy-url": query.text("proxy_url"),
        "data-clerk-domain": query.text("domain"),
        "data-clerk-sign-in-url": query.text("sign_in_url"),
        "src": f"{_script_home(query)}/{SCRIPT}",
    }
    written = (f'{name}="{html.escape(text)}"' for name, text in attributes.items() if text)
    return html_response(PAGE.format(attributes=" ".join(written)))


def _frontend_api(query: Query) -> str:
    """Return the host of the Frontend API.

    Raises:
        ApiError: 400, nothing says which, or the key is malformed.
    """
    key = query.text("publishable_key")
    if key:
        return _host_in(key)
    host = query.text("frontend_api") or query.text("frontendApi")
    if not host:
        raise ApiError.of(
            400,
            "missing_query_parameter",
            "Missing query parameter",
            "Either of the following query parameters must be provided: "
            "frontend_api, publishable_key.",
        )
    return host


def _host_in(publishable_key: str) -> str:
    prefix, _, encoded = publishable_key.rpartition("_")
    try:
        host = base64.b64decode(encoded, validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        host = ""
    if prefix not in {"pk_test", "pk_live"} or not host.endswith("$"):
        raise ApiError.of(
            400,
            "malformed_publishable_key",
            "Malformed publishable key",
            f"Ensure the provided publishable key ({publishable_key}) is the one displayed in "
            "Dashboard",
        )
    return host.removesuffix("$")


def _script_home(query: Query) -> str:
    proxy_url, domain = query.text("proxy_url"), query.text("domain")
    if proxy_url:
        return proxy_url.rstrip("/")
    if domain and query.boolean("use_domain_for_script"):
        return f"https://clerk.{domain}"
    return f"https://{_frontend_api(query)}"


ROUTES: Final[tuple[Route[Handler], ...]] = (Route("GET", "/v1/public/interstitial", _page),)
