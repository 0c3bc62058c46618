"""What is kept, and what must be true together."""
