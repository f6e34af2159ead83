"""Open-model loads inside Locust, and thresholds that tell the truth."""
