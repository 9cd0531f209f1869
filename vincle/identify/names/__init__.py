"""What is known about names: spelling, short names, people's names, user names, organisations, pictures. Pure."""
