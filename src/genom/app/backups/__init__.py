"""Backups: one encrypted file of a whole directory, made while its node runs, and restored without whom was erased."""

from genom.app.backups.restoring import Restored, check_backup, restore
from genom.app.backups.writing import Written, back_up, prune

__all__ = ["Restored", "Written", "back_up", "check_backup", "prune", "restore"]
