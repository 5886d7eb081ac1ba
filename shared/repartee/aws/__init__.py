"""Amazon Web Services: the session, retried calls, secrets, the queue and feature flags."""
