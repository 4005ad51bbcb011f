"""What drives a prediction: Shapley values of fitted models."""
