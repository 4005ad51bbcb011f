"""What a study is about: cases, fields, outcomes, predictions."""
