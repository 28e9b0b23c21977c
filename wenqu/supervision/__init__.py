"""Is the programme on schedule, and can every figure be proved?"""
