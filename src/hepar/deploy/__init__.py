"""What a hospital runs: a bundle is read, checked and asked for a prediction, without what trained it."""
