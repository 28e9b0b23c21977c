"""The example city: fictional, of any size, with its truth beneath."""

from wenqu.examples.city.whole import ExampleCity, example_city

__all__ = ["ExampleCity", "example_city"]
