"""The languages of people: the fixed words that the product says and understands."""
