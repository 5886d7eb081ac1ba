"""Finding what is personal in a text: by rules, or by Amazon Comprehend together with the rules."""
