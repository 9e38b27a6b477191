"""`python -m genom` is the command line `genom`."""

from genom.app.cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
