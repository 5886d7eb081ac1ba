"""The model and the embeddings, through OpenAI's SDK or whatever speaks its API."""
