"""The rules and the transactions; knows neither HTTP nor SQL."""
