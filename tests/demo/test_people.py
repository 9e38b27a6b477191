"""The simulated people: the same for a seed, different from each other, and none of them real."""

from __future__ import annotations

import numpy as np

from genom_demo.world import names
from genom_demo.world.people import PEOPLE, PURPOSES, draw_people


def test_a_seed_gives_the_same_people_again():
    one, again, other = draw_people(1, 50), draw_people(1, 50), draw_people(2, 50)

    assert np.array_equal(one.taste, again.taste)
    assert np.array_equal(one.granted, again.granted)
    assert not np.array_equal(one.taste, other.taste)


def test_there_are_five_thousand():
    assert len(draw_people()) == PEOPLE == 5_000


def test_tastes_differ_between_people():
    favourite = draw_people(1, 2_000).taste.argmax(axis=1)

    assert (np.bincount(favourite, minlength=8) > 60).all()


def test_consents_are_given_refused_and_withdrawn():
    people = draw_people()

    everything, nothing = people.granted.all(axis=1).mean(), (~people.granted.any(axis=1)).mean()

    assert 0.4 < everything < 0.8
    assert 0.03 < nothing < 0.10
    assert 0.01 < people.withdraws.mean() < 0.05
    assert people.granted[:, PURPOSES.index("personalise_onsite")].mean() > 0.8


def test_some_have_an_account_some_log_in_later_and_some_never_do():
    login = draw_people().login

    assert (login == 0).mean() > 0.4
    assert ((login > 0) & (login < 90)).mean() > 0.2
    assert np.isinf(login).mean() > 0.05


def test_addresses_cannot_receive_mail():
    assert names.email(0) == "person.00001@example.org"
