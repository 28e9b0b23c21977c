"""Wenqu 问渠: where clean water enters a city's sewers, which repairs are cheapest, and the proof."""
