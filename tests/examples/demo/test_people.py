"""The people that `demo` makes users of."""

from examples.demo.people import PEOPLE, people


def test_people_have_different_addresses_and_one_in_five_is_not_active() -> None:
    everybody = list(people(PEOPLE))
    assert len({email for _, _, email, _ in everybody}) == PEOPLE
    assert all(email.isascii() for _, _, email, _ in everybody)
    assert len({first for first, *_ in people(5)}) == 5
    assert [is_active for *_, is_active in people(5)] == [True] * 4 + [False]
