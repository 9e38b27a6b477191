"""Keys of a data directory, apart from the data: what opens all others, data keys for each profile, what signs."""

from genom.keys.bodies import PLAIN, BodyCipher
from genom.keys.changing import change_root, settle_root
from genom.keys.days import DayKeys
from genom.keys.epochs import Epochs
from genom.keys.private import overwrite, shred, write_private
from genom.keys.root import NEW, ROOT_FILE, given_root, root_key
from genom.keys.signing import SigningKey, verify
from genom.keys.slots import Slots
from genom.keys.wrapped import Root

__all__ = [
    "NEW",
    "PLAIN",
    "ROOT_FILE",
    "BodyCipher",
    "DayKeys",
    "Epochs",
    "Root",
    "SigningKey",
    "Slots",
    "change_root",
    "given_root",
    "overwrite",
    "root_key",
    "settle_root",
    "shred",
    "verify",
    "write_private",
]
