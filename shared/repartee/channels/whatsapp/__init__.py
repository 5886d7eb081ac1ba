"""WhatsApp: webhooks in, the Cloud API out."""
