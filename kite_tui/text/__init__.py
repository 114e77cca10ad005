"""Words for a terminal: the sanitiser, units, ages, cutting of names. Knows nobody, not even Textual."""
