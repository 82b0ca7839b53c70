"""Whether a request was made by a page of ours."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers


def is_same_origin(headers: Headers, scheme: str) -> bool:
    """Whether nothing says that another site made the request.

    ``scheme``: what the client used, behind the proxies. A browser says where a request comes
    from, and no page can change what it says:

    1. ``Sec-Fetch-Site``, which every browser since 2023 sends on https and localhost;
       "none" is the person themselves, by address bar or reload.
    2. ``Origin``, which every browser sends with a POST.
    3. ``Referer``, for what was left out of both.

    Where all three are missing no browser is at work, but a program with its user's own cookie,
    which no other site lent it; the token that the guard asks for as well is its key.
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
