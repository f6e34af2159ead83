"""What operators run on the command line; one module per noun, imported when it is named."""
