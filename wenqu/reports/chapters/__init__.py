"""What does each chapter of a city's report say?"""
