"""What the gauges say."""
