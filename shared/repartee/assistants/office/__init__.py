"""A workplace assistant that lives in a team's chats."""
