"""The desk: answers a business's customers, from what it knows, and calls a person when one is needed."""
