"""The command line, called as in ``tests/cli``."""

from cli.conftest import here as here
