"""How does a city's report leave Wenqu: as pages to read and as lists to work with?"""
