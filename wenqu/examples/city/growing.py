"""Who lives in an example city, how old are its sewers, and what truly flows in them?"""

from dataclasses import dataclass

from wenqu.examples.city.ages import Ages, ages
from wenqu.examples.city.balance import Balance, balance
from wenqu.examples.city.blocks import Blocks, blocks
from wenqu.examples.city.laying import Laid
from wenqu.examples.city.users import Users, users
from wenqu.examples.city.wear import Wear, wear
from wenqu.examples.city.weather import Weather, weather

BLOCKS, MOST_BLOCKS = 45 / 6000, 900


@dataclass(frozen=True, slots=True)
class Grown:
    """What time and people made of the sewers, and the truth that follows."""

    ages: Ages
    wear: Wear
    people: Users
    blocks: Blocks
    sky: Weather
    balance: Balance


def grow(laid: Laid, conduits: int, seed: int) -> Grown:
    """Let a city live: ages, defects, users, a year of weather, and the water balance beneath."""
    frame, plan, pipes = laid.frame, laid.plan, laid.pipes
    known = ages(frame, plan.avenue, pipes, laid.depth, seed)
    state = wear(pipes, known, seed)
    people = users(frame, pipes, conduits, seed)
    city = blocks(frame, plan, pipes, min(MOST_BLOCKS, max(6, round(BLOCKS * conduits))), seed)
    sky = weather(seed)
    lives = people, known, state, city
    truth = balance(frame, (pipes, laid.depth, laid.way), lives, sky, laid.doors, seed)
    return Grown(known, state, people, city, sky, truth)
