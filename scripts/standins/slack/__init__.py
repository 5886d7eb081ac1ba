"""Stand-in of the Slack Web API."""
