"""Whether a request comes from one of our own pages."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers


def is_same_origin(headers: Headers, scheme: str) -> bool:
    """Whether no header says that another site made the request.

    ``scheme``: the client's, before the proxies. A browser says where a request comes from in
    headers that no page can change:

    1. ``Sec-Fetch-Site``, which every browser since 2023 sends on https and localhost;
       "none" is the person's own address bar or reload.
    2. ``Origin``, which every browser sends with a POST.
    3. ``Referer``, if both are missing.

    If all three are missing, the client is not a browser but a program with its user's own cookie,
    which no other site can use. The guard still requires the CSRF token.
    """
    site = headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        return False
    if site == "same-origin":
        return True
    origin = headers.get("origin")
    if origin is not None:
        return origin == f"{scheme}://{headers.get('host', '')}"
    referer = headers.get("referer")
    if referer is not None:
        return _origin_of(referer) == f"{scheme}://{headers.get('host', '')}"
    return True


def _origin_of(address: str) -> str | None:
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return f"{parts.scheme}://{parts.netloc}"
