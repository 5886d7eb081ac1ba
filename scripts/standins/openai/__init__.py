"""Stand-in of the OpenAI API: responses, embeddings and transcriptions."""
