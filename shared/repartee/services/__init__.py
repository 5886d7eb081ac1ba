"""Adapters of external services: models, the ERP, documents and detection of personal data."""
