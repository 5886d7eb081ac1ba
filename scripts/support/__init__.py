"""Shared code of the commands in scripts/: real servers, test lanes, checks, the Lambda emulator."""
