"""Stand-in of the WhatsApp Cloud API."""
