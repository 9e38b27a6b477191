"""Backups: one encrypted file of a whole directory, made while its node runs, and restored without whom was erased.

A backup opens with its passphrase and the key of its day together; that key is destroyed after some days.
"""

from genom.app.backups.day_keys import BackupKeys, keys_of
from genom.app.backups.pruning import prune
from genom.app.backups.restoring import Restored, check_backup, check_ledgers, restore
from genom.app.backups.writing import Written, back_up, back_up_ledgers

__all__ = [
    "BackupKeys",
    "Restored",
    "Written",
    "back_up",
    "back_up_ledgers",
    "check_backup",
    "check_ledgers",
    "keys_of",
    "prune",
    "restore",
]
