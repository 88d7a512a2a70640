"""The ways out. Each is a `Channel`: it sends one message and says what came of it; it knows no database."""
