"""Importing files: they are opened, sniffed, read row by row, translated, and sent to the running node.

Input → rows → parcels (collect.typed_sources) → Sender → node
                             ↘ what is wrong with a row → Report, --rejects
"""

__all__: list[str] = []
