"""Jobs that operators ask for: whether the services answer, and a person's data."""
