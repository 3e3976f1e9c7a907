"""The conformance suites, for strangers too."""
