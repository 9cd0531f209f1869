"""The tags and filters behind `templatetags.vincle`, by kind."""
