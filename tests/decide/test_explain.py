"""A choice reads as one sentence."""

from __future__ import annotations

import pytest

from genom.decide import DO_NOTHING, Choice, Reason, explain
from genom.errors import UnknownName

OWN = Reason("taste.category_2.30d", "purchases by category", 1.925)
GENES = {"taste.category_2.30d": "Käufe je Kategorie"}


def popular(value):
    return Reason(None, "popularity", value)


def cause(label):
    return Reason(None, label, 0.0)


SENTENCES = [
    (
        Choice("TEA", 2.1, 0.4123, (OWN, popular(0.175))),
        (
            "Offer Tea because you have been buying from this range (purchases by category: +1.93) "
            "and it is popular (+0.17) (probability 41.2 %)."
        ),
        (
            "Tea anbieten, weil Sie aus diesem Sortiment gekauft haben (Käufe je Kategorie: +1,93) "
            "und es beliebt ist (+0,17) (Wahrscheinlichkeit 41,2 %)."
        ),
    ),
    (
        Choice("TEA", -0.2, 0.01, (popular(-0.2), cause("exploration"))),
        (
            "Offer Tea because this time another than the best is tried, "
            "although it is bought less than average (-0.20) (probability 1.0 %)."
        ),
        (
            "Tea anbieten, weil diesmal ein anderes als das beste erprobt wird, "
            "obwohl es seltener als der Durchschnitt gekauft wird (-0,20) (Wahrscheinlichkeit 1,0 %)."
        ),
    ),
    (
        Choice("TEA", 1.0, 0.2, (cause("random control"),)),
        "Offer Tea because this decision is a random control (probability 20.0 %).",
        "Tea anbieten, weil diese Entscheidung eine Zufallskontrolle ist (Wahrscheinlichkeit 20,0 %).",
    ),
    (
        Choice(DO_NOTHING, 0.0, 1.0, (cause("no permission for recommend"),)),
        "Offer nothing because the purpose recommend is not permitted (probability 100.0 %).",
        "Nichts anbieten, weil der Zweck recommend nicht erlaubt ist (Wahrscheinlichkeit 100,0 %).",
    ),
    (
        Choice(DO_NOTHING, 0.5, 0.5, (Reason(None, "do nothing", 0.5),)),
        "Offer nothing because no offer scored clearly better (probability 50.0 %).",
        "Nichts anbieten, weil kein Angebot deutlich besser war (Wahrscheinlichkeit 50,0 %).",
    ),
]


@pytest.mark.parametrize(("choice", "english", "german"), SENTENCES)
def test_a_choice_reads_as_a_sentence(choice, english, german):
    assert explain(choice, language="en", action="Tea", genes={}) == english
    assert explain(choice, language="de", action="Tea", genes=GENES) == german


def test_an_unknown_language_is_refused():
    with pytest.raises(UnknownName, match="'fr'"):
        explain(SENTENCES[0][0], language="fr", action="Tea", genes={})
