"""The engine: what is kept, and how work is spread. It changes the time taken, never the result."""
