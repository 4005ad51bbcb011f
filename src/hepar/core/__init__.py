"""What every layer stands on: errors, fingerprints, documents, components."""
