"""Statistics: arrays in, estimates out; nothing here knows a case, a table or a file."""
