"""Identity: identifiers → profile → person; links between profiles; the vault for direct identifiers.

Profiles, people and pending links live in memory and are folds of journal rows: replaying the rows in order
gives the same state. Only the vault writes to disk by itself.
"""

from genom.identity.erased import ErasedIdentifiers
from genom.identity.pending import Pending
from genom.identity.people import Merge, People
from genom.identity.profiles import NewProfile, Profiles, erased_in
from genom.identity.public import PublicIds
from genom.identity.rules import Party, Verdict, judge, party, prove
from genom.identity.vault import Vault

__all__ = [
    "ErasedIdentifiers",
    "Merge",
    "NewProfile",
    "Party",
    "Pending",
    "People",
    "Profiles",
    "PublicIds",
    "Vault",
    "Verdict",
    "erased_in",
    "judge",
    "party",
    "prove",
]
