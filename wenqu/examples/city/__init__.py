"""The example city: fictional, of any size, with its truth beneath."""

from wenqu.examples.city.whole import ExampleCity, example_city
from wenqu.examples.city.writing import ExampleSummary, write_example

__all__ = ["ExampleCity", "ExampleSummary", "example_city", "write_example"]
