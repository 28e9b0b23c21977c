"""EPA SWMM: its files read and written without loss, its engine run one process at a time."""
