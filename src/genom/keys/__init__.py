"""Keys of a data directory, apart from the data: what opens all others, data keys for each profile, what signs."""

from genom.keys.bodies import PLAIN, BodyCipher
from genom.keys.days import DayKeys
from genom.keys.epochs import Epochs
from genom.keys.private import overwrite, shred, sync_directory, write_private
from genom.keys.root import root_key
from genom.keys.signing import SigningKey, verify
from genom.keys.slots import Slots
from genom.keys.wrapped import Root

__all__ = [
    "PLAIN",
    "BodyCipher",
    "DayKeys",
    "Epochs",
    "Root",
    "SigningKey",
    "Slots",
    "overwrite",
    "root_key",
    "shred",
    "sync_directory",
    "verify",
    "write_private",
]
