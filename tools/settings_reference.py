"""Writes the table of docs/reference/settings.md from the settings' own descriptions.

python tools/settings_reference.py [--check]
"""

from __future__ import annotations

from reference_page import main, table

from genom.settings import setting_rows


def settings() -> str:
    """One row a setting."""
    rows = [(f"`{name}`", f"`{default}`", unit, text) for name, default, unit, text in setting_rows()]
    return table(["setting", "default", "unit", "what it does"], rows)


if __name__ == "__main__":
    main("settings.md", settings)
