"""What the commands in scripts/ share: the real servers, the test lanes, the checks, the Lambda emulator."""
