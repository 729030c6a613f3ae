"""Real database servers for tests and for the demonstration fleet: each in a temporary directory, on loopback."""
