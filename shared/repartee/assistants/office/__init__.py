"""The office assistant: answers in a team's chats, with Odoo, documents, meetings and images."""
