"""Under which names each simulated person is met; none of them is a real person's, and no address can receive mail."""

from __future__ import annotations

from genom_demo.world.events import Who

__all__ = ["anonymous", "anonymous_id", "by_card", "card", "email", "known", "logged_in", "user"]


def user(person: int) -> str:
    """The account's user id.

    >>> user(0)
    'living-00001'
    """
    return f"living-{person + 1:05d}"


def card(person: int) -> str:
    """The number of the loyalty card."""
    return f"LS{person + 1:05d}"


def email(person: int) -> str:
    """An address below `example.org`, which receives nothing.

    Source: RFC 2606, "Reserved Top Level DNS Names".
    """
    return f"person.{person + 1:05d}@example.org"


def anonymous_id(person: int, *, app: bool) -> str:
    """What a device calls itself: everybody has one browser and one phone."""
    return f"living-a-{person + 1:05d}-{2 if app else 1}"


def anonymous(person: int, *, app: bool) -> Who:
    """A device that nobody logged in on."""
    return Who(f'"anonymousId":"{anonymous_id(person, app=app)}",')


def logged_in(person: int, *, app: bool) -> Who:
    """A device with its account."""
    return Who(f'"userId":"{user(person)}","anonymousId":"{anonymous_id(person, app=app)}",')


def known(person: int) -> Who:
    """The account alone, as servers name it."""
    return Who(f'"userId":"{user(person)}",')


def by_card(person: int, *, with_user: bool = False) -> Who:
    """Whoever shows the loyalty card."""
    external = f',"externalIds":[{{"id":"{card(person)}","type":"card","collection":"users","encoding":"none"}}]'
    return Who(f'"userId":"{user(person)}",' if with_user else "", external)
