"""Conversational assistants on AWS Lambda that answer people in their chats, and answer fast."""
