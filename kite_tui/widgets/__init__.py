"""What draws: tables, bars, tiles, the frame. Knows rows, states and messages, never the cache."""
