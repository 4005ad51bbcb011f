"""The study database: who entered what, when and why; append-only, hash-chained, with roles."""
