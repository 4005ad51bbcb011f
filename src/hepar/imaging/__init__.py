"""Arrays and spacings in, arrays and numbers out; nothing here knows a case or opens a file."""
