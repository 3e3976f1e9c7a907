"""The bundle over HTTP."""
