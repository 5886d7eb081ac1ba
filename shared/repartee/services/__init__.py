"""What the assistants use of the world besides stores: models, queues, secrets."""
