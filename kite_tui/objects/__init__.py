"""What the objects of a cluster mean: trimmed records, quantities, selectors, sums, states. Knows nobody."""
