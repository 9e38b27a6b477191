"""Between the node and its pages: who is signed in, where each page gets its data, and how pages are mounted."""

__all__: list[str] = []
