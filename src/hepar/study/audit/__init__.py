"""What is wrong with data before anything is learnt: copies, shared participants, shortcuts, leaks."""
