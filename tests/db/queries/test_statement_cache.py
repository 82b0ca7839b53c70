"""The one cache of statements."""

from backoffice.db.queries.statement_cache import StatementCache


def test_what_was_built_is_not_built_again() -> None:
    cache = StatementCache()
    built: list[object] = [cache.get("one", object) for _ in range(2)]
    assert built[0] is built[1]
    assert cache.get("another", object) is not built[0]


def test_none_is_kept_like_any_other_value() -> None:
    cache = StatementCache()
    assert cache.get("nothing", lambda: None) is None
    assert cache.get("nothing", lambda: "built again") is None


def test_a_full_cache_builds_without_keeping() -> None:
    cache = StatementCache(most=1)
    first = cache.get("first", object)
    assert cache.get("second", object) is not cache.get("second", object)
    assert cache.get("first", object) is first
    assert len(cache) == 1


def test_what_must_be_one_object_is_kept_in_a_full_cache_too() -> None:
    cache = StatementCache(most=0)
    assert cache.get("alias", object, always=True) is cache.get("alias", object, always=True)


def test_two_that_build_at_once_get_the_same_object() -> None:
    cache = StatementCache()
    inner: list[object] = []

    def build() -> object:
        inner.append(cache.get("alias", object))  # another thread, as it were, was quicker
        return object()

    assert cache.get("alias", build) is inner[0]


def test_what_does_not_fit_any_more_is_built_again_and_takes_its_place() -> None:
    cache = StatementCache(most=1)
    assert cache.get("day", lambda: "Monday") == "Monday"
    assert cache.get("day", lambda: "Tuesday", fits=lambda day: day == "Tuesday") == "Tuesday"
    assert cache.get("day", lambda: "Wednesday") == "Tuesday"
