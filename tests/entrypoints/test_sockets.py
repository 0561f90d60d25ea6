"""Who waits at a socket shuts nobody else out."""

from contextlib import ExitStack

from entrypoints.http.connect_ui_reads import MOST_SOCKETS, MOST_SOCKETS_OF_ONE, Sockets


def test_one_address_leaves_room_for_others_and_gets_its_own_back() -> None:
    sockets = Sockets()
    with ExitStack() as stack:
        mine = [stack.enter_context(sockets.one_of("192.0.2.1")) for _ in range(MOST_SOCKETS_OF_ONE + 1)]
        with sockets.one_of("192.0.2.2") as has_room:
            assert has_room
        assert mine == [*[True] * MOST_SOCKETS_OF_ONE, False]

    with sockets.one_of("192.0.2.1") as has_room:
        assert has_room


def test_all_together_are_bounded_too() -> None:
    sockets = Sockets()
    with ExitStack() as stack:
        rooms = [stack.enter_context(sockets.one_of(str(number))) for number in range(MOST_SOCKETS + 1)]

    assert rooms == [*[True] * MOST_SOCKETS, False]
