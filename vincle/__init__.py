"""Vincle: a self-hosted social CRM."""

__version__ = "0.1.0"
