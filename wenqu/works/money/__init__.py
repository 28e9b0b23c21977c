"""Money of works: what may be paid, from which fund, and how money stands against metres."""
