"""Writes the tables of docs/reference/roles.md: which role has which right, and which address needs which.

python tools/roles_reference.py [--check]
"""

from __future__ import annotations

from reference_page import main, table

from genom.app.roles import RIGHTS, ROLES
from genom.app.routes import all_routes


def roles() -> str:
    """Rights by role, then rights by address."""
    rows = [
        (f"`{right}`", what, *("yes" if right in has else "" for has in ROLES.values()))
        for right, what in RIGHTS.items()
    ]
    routes = sorted((route.path, route.method, route.right) for route in all_routes() if not route.free)
    addresses = table(["address", "right"], [(f"`{method} {path}`", f"`{right}`") for path, method, right in routes])
    return f"{table(['right', 'what it allows', *ROLES], rows)}\n\n## Addresses\n\n{addresses}"


if __name__ == "__main__":
    main("roles.md", roles)
